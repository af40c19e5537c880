import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinGroup, type WaitingRow } from '../../../engine/fold/plain-join-state.ts';
import { storeLimits } from '../../../engine/fold/store-limits.ts';
import { constructs, everyConstruct } from './every-construct.ts';
import { freshAddresses, hostileEvents } from './records.ts';
import { type Held, runHostile } from './run.ts';

const KiB = 1024;

test('hostile events through thirty rules: the counters add up all the time, and what is held stops growing', () => {
  const held = [...runHostile(everyConstruct().program, hostileEvents(15_000, 7), 5_000)];
  const [first, , last] = held as [Held, Held, Held];
  assert.equal(constructs, 30);
  assert.ok(last.detections > first.detections, 'rules still find something');
  assert.ok(last.state_bytes < 2 * first.state_bytes, JSON.stringify(held));
});

for (let rule = 0; rule < constructs; rule++) {
  const { program, rules } = everyConstruct(rule);
  test(`fresh addresses leave memory as it was: ${rules[0]}`, () => {
    // A minute holds more than any rule looks back, and less than a bound: what comes must go again.
    const held = [...runHostile(program, freshAddresses([1_000, 1_000, 1_000, 1_000, 500]), 1_500)];
    const [, before, after] = held as [Held, Held, Held];
    assert.ok(after.state_bytes <= before.state_bytes * 1.25 + 64 * KiB, JSON.stringify(held));
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
      rests: null,
      event_id: `e${time}`,
      values: [],
    },
    ...{ matched: false, dropped: false },
  });
  for (let time = 0; time < 10_000; time++) group.add(time % 2 === 0 ? 'one key' : `key ${time}`, 'left', row(time));
  assert.ok(group.rows <= 10);
  assert.ok(group.queued <= 84, `${group.queued} places for ${group.rows} rows`);
  assert.equal((group.drops.rows_per_group ?? 0) + (group.drops.rows_per_key ?? 0), 10_000 - group.rows);
});
