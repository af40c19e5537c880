import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinGroup, type WaitingRow } from '../../../engine/fold/plain-join-state.ts';
import { storeLimits } from '../../../engine/fold/store-limits.ts';
import { attack } from './attacks.ts';
import { constructs, everyConstruct } from './every-construct.ts';
import { freshAddresses, steadyAddresses } from './records.ts';
import { type Held, runHostile } from './run.ts';

const KiB = 1024;

/** An attack with so many records: each part of the state stays within its bound, and the bounds are reached. */
function hold(name: string, count: number): void {
  const run = attack(name, count, 7);
  let step = run.next();
  const held: Held[] = [];
  for (; step.done !== true; step = run.next()) held.push(step.value);
  const { peaks, unreached } = step.value;
  assert.deepEqual(
    peaks.filter(({ bytes, bound }) => bytes > bound),
    [],
  );
  assert.ok(peaks.length > 30, 'every part of the state');
  assert.deepEqual(unreached, []);
  assert.ok((held.at(-1) as Held).detections > (held[0] as Held).detections, 'rules still find something');
  assert.equal(constructs, 33);
}

test('hostile events through every construct: the counters add up, and no part is larger than its bound', () => {
  hold('events', 15_000);
});

test('fresh addresses through every construct: no part is larger than what its windows reach', () => {
  hold('addresses', 10_000);
});

test('S14 fresh addresses in windows of hours: keys reach their bounds, and nothing grows behind them', () => {
  hold('bounds-keys', 30_000);
});

test('S14 fresh addresses in windows of hours: rows reach their bound', () => {
  hold('bounds-rows', 30_000);
});

test('S14 texts of kilobytes in windows of hours: what keys and rows hold of them is bounded in bytes', () => {
  hold('bounds-texts', 6_000);
});

test('S14 hostile events in windows of hours: every bound is reached and named', () => {
  hold('bounds-events', 20_000);
});

test('S14 keys that go on and on hold no more than their rows: what is kept of a hot key follows its window', () => {
  const { program } = everyConstruct(0);
  const held = [...runHostile(program, steadyAddresses(200, 400), 20_000)];
  const [first, , , last] = held as [Held, Held, Held, Held];
  assert.ok(last.parts['states of r0'] === first.parts['states of r0'], JSON.stringify(held));
});

/** The dictionary frees texts when it has doubled, and not below 2^16 of them: the attacks above hold it to its bound. */
function withoutTexts({ state_bytes, parts }: Held): number {
  return state_bytes - parts.texts - parts['ids by the bytes of texts'];
}

for (let rule = 0; rule < constructs; rule++) {
  const { program, rules } = everyConstruct(rule);
  test(`fresh addresses leave memory as it was: ${rules[0]}`, () => {
    // A minute holds more than any rule looks back, and less than a bound: what comes must go again.
    const held = [...runHostile(program, freshAddresses([1_000, 1_000, 1_000, 1_000, 500]), 1_500)];
    const [, before, after] = held as [Held, Held, Held];
    assert.ok(withoutTexts(after) <= withoutTexts(before) * 1.25 + 64 * KiB, JSON.stringify(held));
  });
}

test('S14 rows that a bound dropped leave a join’s queues at once, not when they are due', () => {
  const limits = { ...storeLimits, rows_per_group: 10, rows_per_key: 4 };
  const hour = 3_600_000;
  const group = new JoinGroup(limits, { left: hour, right: hour });
  const row = (time: number): WaitingRow => ({
    ...{
      time,
      order: 0,
      stamp: time,
      tenant: 'T',
      key: [],
      id: `e${time}`,
      place: 0,
      of_window: false,
      rests: null,
      event_id: `e${time}`,
      values: [],
    },
    ...{ matched: false, isLast: false, dropped: false },
  });
  for (let time = 0; time < 10_000; time++) group.add(time % 2 === 0 ? 'one key' : `key ${time}`, 'left', row(time));
  assert.ok(group.rows <= 10);
  assert.ok(group.queued <= 84, `${group.queued} places for ${group.rows} rows`);
  assert.equal((group.drops.rows_per_group ?? 0) + (group.drops.rows_per_key ?? 0), 10_000 - group.rows);
});
