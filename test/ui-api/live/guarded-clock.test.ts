import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuardedClock } from '../../../ui-api/live/guarded-clock.ts';

const year_ms = 365 * 86_400_000;

/** A wall clock and a monotonic one that the test moves apart. */
function clocks() {
  const hands = { wall_ms: 1_000_000_000, passed_ms: 5 };
  const told: string[] = [];
  const clock = { now_ms: () => hands.wall_ms, monotonic_ms: () => hands.passed_ms };
  const guarded = new GuardedClock(clock, 300_000, (message) => told.push(message));
  const pass = (by_ms: number) => {
    hands.wall_ms += by_ms;
    hands.passed_ms += by_ms;
  };
  return { hands, told, guarded, pass };
}

test('law 6: a clock that is a year ahead for one reading is refused, reported, and moves nothing', () => {
  const { hands, told, guarded, pass } = clocks();
  assert.equal(guarded.now_ms(), 1_000_000_000);
  hands.wall_ms += year_ms;
  pass(250);
  assert.equal(guarded.now_ms(), 1_000_000_250);
  assert.equal(guarded.now_ms(), 1_000_000_250);
  assert.equal(told.length, 1);
  assert.match(told[0], /jumped 31536000 s ahead/);
  hands.wall_ms -= year_ms;
  pass(250);
  assert.equal(guarded.now_ms(), 1_000_000_500);
  assert.equal(told.length, 1);
});

test('a jump that stays is believed after 30 s; hours that really passed and steps back are no jumps', () => {
  const { hands, told, guarded, pass } = clocks();
  guarded.now_ms();
  pass(10 * 3_600_000);
  assert.equal(guarded.now_ms(), hands.wall_ms);
  hands.wall_ms -= 60_000;
  assert.equal(guarded.now_ms(), hands.wall_ms);
  assert.deepEqual(told, []);
  hands.wall_ms += year_ms;
  assert.equal(guarded.now_ms(), hands.wall_ms - year_ms);
  pass(29_999);
  assert.equal(guarded.now_ms(), hands.wall_ms - year_ms);
  pass(1);
  assert.equal(guarded.now_ms(), hands.wall_ms);
  assert.match(told[1], /believed from now on/);
});

test('a clock without a monotonic reading is taken as it is', () => {
  const clock = { wall_ms: 5, now_ms: () => clock.wall_ms };
  const guarded = new GuardedClock(clock, 10, assert.fail);
  assert.equal(guarded.now_ms(), 5);
  clock.wall_ms = year_ms;
  assert.equal(guarded.now_ms(), year_ms);
});
