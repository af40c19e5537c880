import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '../../../engine/index.ts';
import { DoorRun, doorProgram, type Event, now_ms, record } from './harness.ts';

function inOrder(events: readonly (Event | null)[], partition = 'p0'): LogEntry[] {
  return events.map((event, i) => record(partition, i + 1, event));
}

const at = (timestamp: number, event_id?: string, more: object = {}): Event => ({
  timestamp,
  ...(event_id === undefined ? {} : { event_id }),
  ...more,
});

test('S2 a third event that arrives late and comes first in time is released first', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 50 }));
  run.all(inOrder([at(1020, 'a'), at(1040, 'b'), at(1000, 'c')])).end();
  assert.deepEqual(run.released, ['c', 'a', 'b']);
  assert.deepEqual(run.verdicts, ['accepted', 'accepted', 'accepted']);
});

test('S2 two events in one millisecond stand by seq, and without seq by their position', () => {
  const withSeq = new DoorRun(doorProgram());
  withSeq.all(inOrder([at(1000, 'a', { seq: 7 }), at(1000, 'z', { seq: 2 })])).end();
  assert.deepEqual(withSeq.released, ['z', 'a']);
  const without = new DoorRun(doorProgram());
  without.all([record('p0', 9, at(1000, 'a')), record('p0', 3, at(1000, 'z'))]).end();
  assert.deepEqual(without.released, ['z', 'a']);
});

test('S2 equal time and seq: event ids by UTF-8 bytes, not by UTF-16 units; then tenants', () => {
  const run = new DoorRun(doorProgram());
  const one = { seq: 1 };
  run
    .all(inOrder([at(1000, '\u{1F600}', one), at(1000, '\uFF5E', one), at(1000, 'ab', one), at(1000, 'a', one)]))
    .end();
  assert.deepEqual(run.released, ['a', 'ab', '\uFF5E', '\u{1F600}']);
  const tenants = new DoorRun(doorProgram());
  tenants.all(
    inOrder([at(1000, 'e', { seq: 1, tenant_id: 'U', k1: 'second' }), at(1000, 'e', { seq: 1, tenant_id: 'T' })]),
  );
  tenants.end();
  assert.deepEqual(tenants.verdicts, ['accepted', 'accepted'], 'one id in two tenants is two events');
});

test('S3 an event at the bound is in time, one before it is late and keeps the bound that it missed', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 50 }));
  run.all(inOrder([at(1100, 'a'), at(1050, 'b'), at(1049, 'c')])).end();
  assert.deepEqual(run.verdicts, ['accepted', 'accepted', 'late']);
  assert.equal(run.details[2], 'bound_ms=1050');
});

test('S3 the watermark moves per record, not per batch: one batch or three, the same verdicts', () => {
  const entries = inOrder([at(1000, 'a'), at(2000, 'b'), at(1000, 'c'), at(1990, 'd')]);
  const stepwise = new DoorRun(doorProgram({ lateness_ms: 10 })).all(entries).end();
  const whole = new DoorRun(doorProgram({ lateness_ms: 10 }));
  for (const entry of entries) whole.apply(entry);
  whole.advance().end();
  assert.deepEqual(stepwise.verdicts, ['accepted', 'accepted', 'late', 'accepted']);
  assert.deepEqual(whole.verdicts, stepwise.verdicts);
  assert.deepEqual(whole.released, stepwise.released);
});

test('S3 a future timestamp is rejected with its reason and bytes, and moves nothing', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 50, max_ahead_ms: 300_000 }));
  run.apply(record('p0', 1, at(now_ms, 'a')));
  const before = run.door.watermark.value_ms;
  run.apply(record('p0', 2, at(now_ms + 300_001, 'b')));
  assert.equal(run.door.watermark.value_ms, before);
  const letter = run.door.takeVerdicts().find((verdict) => verdict.verdict === 'rejected')?.letter;
  assert.equal(letter?.reason, 'too_far_ahead');
  assert.equal(new TextDecoder().decode(letter?.bytes), JSON.stringify(at(now_ms + 300_001, 'b')));
  run.apply(record('p0', 3, at(now_ms + 300_000, 'c')));
  assert.equal(run.answers[2], 'accepted', 'exactly received_at + MAX_AHEAD is not too far');
});

test('S3 epoch seconds are rejected and named, where they would be a time of the past as seconds', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 50 }));
  const today_ms = Date.UTC(2026, 10, 28);
  run.apply(record('p0', 1, at(today_ms / 1000, 'a'), today_ms));
  const letter = run.door.takeVerdicts().find((verdict) => verdict.verdict === 'rejected')?.letter;
  assert.deepEqual(
    [letter?.reason, letter?.message],
    [
      'number_out_of_range',
      `timestamp ${today_ms / 1000} looks like epoch seconds; Weir reads milliseconds or ISO 8601`,
    ],
  );
  assert.equal(run.door.watermark.value_ms, Number.NEGATIVE_INFINITY, 'it moves nothing');
  run.apply(record('p0', 2, at(2_000_000_000, 'b'), 2_000_000_000));
  run.apply(record('p0', 3, at(999_999_999, 'c'), today_ms));
  assert.deepEqual(run.answers.slice(1), ['accepted', 'late'], 'whoever lives in 1970, and nine digits');
});

test('S3 a partition that is only rejected does not appear, so it holds nothing back', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0 }));
  run.all([record('p0', 1, at(1000, 'a')), record('p1', 1, null), record('p0', 2, at(2000, 'b'))]);
  assert.equal(run.door.watermark.value_ms, 2000);
});

test('S3 a partition that appears has W as its floor: what is before it is late, and W waits there for it', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 10 }));
  run.all([record('p0', 1, at(1000, 'a')), record('p0', 2, at(5010, 'b'))]);
  run.all([record('p1', 1, at(4999, 'c')), record('p1', 2, at(5000, 'd')), record('p0', 3, at(9010, 'e'))]);
  assert.deepEqual(run.answers, ['accepted', 'accepted', 'late', 'accepted', 'accepted']);
  assert.equal(run.door.watermark.value_ms, 5000, 'p1 counts with its floor, not with 4990');
  run.all([record('p1', 3, at(5000, 'f')), record('p1', 4, at(6010, 'g'))]);
  assert.equal(run.answers[5], 'accepted');
  assert.equal(run.door.watermark.value_ms, 6000, 'then with its own watermark');
});

test('S3 a partition goes idle and comes back: its floor is W, what comes before it is late', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0 }));
  run.all([record('p0', 1, at(1000, 'a')), record('p1', 1, at(1000, 'b')), record('p0', 2, at(5000, 'c'))]);
  assert.equal(run.door.watermark.value_ms, 1000, 'p1 holds W back');
  run.all([{ kind: 'idle', partition: 'p1' }]);
  assert.equal(run.door.watermark.value_ms, 5000);
  run.all([{ kind: 'back', partition: 'p1' }, record('p1', 2, at(4000, 'd')), record('p1', 3, at(5000, 'e'))]);
  run.all([record('p0', 3, at(9000, 'f'))]);
  assert.equal(run.door.watermark.value_ms, 5000, 'p1 counts again');
  run.end();
  assert.deepEqual(
    run.verdicts.filter(() => true),
    ['accepted', 'accepted', 'accepted', 'late', 'accepted', 'accepted'],
  );
});

test('S3 a record of a partition that is aside brings it back, also without an entry that says so', () => {
  const partitions = (back: boolean) => {
    const run = new DoorRun(doorProgram({ lateness_ms: 0 }));
    run.all([record('p0', 1, at(1000, 'a')), record('p1', 1, at(1000, 'b')), { kind: 'idle', partition: 'p1' }]);
    run.all([record('p0', 2, at(5000, 'c')), ...(back ? [{ kind: 'back', partition: 'p1' } as const] : [])]);
    run.all([record('p1', 2, at(4999, 'd')), record('p0', 3, at(6000, 'e'))]);
    return [run.door.watermark.value_ms, run.answers.filter(() => true)];
  };
  assert.deepEqual(partitions(false), partitions(true));
  assert.deepEqual(partitions(false)[1], ['accepted', 'accepted', 'accepted', 'late', 'accepted']);
});

test('S3 when all are aside W follows the clock at now - IDLE - LATENESS, and only then', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 50, idle_ms: 20 }));
  run.all([{ kind: 'tick', now_ms: 99_999 }]);
  assert.equal(
    run.door.watermark.value_ms,
    Number.NEGATIVE_INFINITY,
    'before the first record there is no one to wait',
  );
  run.all([record('p0', 1, at(1000, 'a')), { kind: 'tick', now_ms: 5000 }]);
  assert.equal(run.door.watermark.value_ms, 950, 'p0 is active');
  run.all([
    { kind: 'idle', partition: 'p0' },
    { kind: 'tick', now_ms: 1010 },
  ]);
  assert.equal(run.door.watermark.value_ms, 950, 'W never falls');
  run.all([{ kind: 'tick', now_ms: 5000 }]);
  assert.equal(run.door.watermark.value_ms, 4930);
  assert.deepEqual(run.released, ['a']);
  run.all([record('p0', 2, at(4929, 'b')), record('p0', 3, at(4930, 'c'))]);
  assert.deepEqual(run.answers.slice(-2), ['late', 'accepted']);
});

test('S3 an outage with one partition behind: it holds W back until it has caught up, and nothing is late', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 10 }));
  run.all([record('p0', 1, at(0, 'a')), record('p1', 1, at(0, 'b'))]);
  const hours = 3_600_000;
  // p0 read on for six hours while p1 stood still, with everything in it yet to come.
  for (let i = 1; i <= 6; i++) run.all([record('p0', i + 1, at(i * hours, `p0-${i}`), i * hours)]);
  assert.equal(run.door.watermark.value_ms, -10);
  assert.equal(run.door.pending, 8);
  for (let i = 1; i <= 6; i++) run.all([record('p1', i + 1, at(i * hours - 1, `p1-${i}`), 6 * hours)]);
  run.end();
  assert.deepEqual(run.released.slice(0, 6), ['a', 'b', 'p1-1', 'p0-1', 'p1-2', 'p0-2']);
  assert.deepEqual(run.door.counters, {
    ...{ read: 14, accepted: 14, duplicate: 0, late: 0, rejected: 0, conflict: 0, would_be_late: 0 },
  });
});

test('S4 identical lines without id are different events; a line that is read again keeps its id', () => {
  const line = at(1000, undefined, { k1: 'a' });
  const run = new DoorRun(doorProgram()).all(inOrder([line, line, line])).end();
  assert.deepEqual(run.verdicts, ['accepted', 'accepted', 'accepted']);
  const hash = run.released[0].slice(0, 16);
  assert.match(hash, /^[0-9a-f]{16}$/);
  assert.deepEqual(run.released, [`${hash}~1`, `${hash}~2`, `${hash}~3`]);
  // Stopped after the second line, the third is still the third.
  const [first, second, third] = inOrder([line, line, line]);
  const stopped = new DoorRun(doorProgram()).all([first, second]).restart().all([third]).end();
  assert.deepEqual(stopped.released, run.released);
});

test('S4 the occurrence number is counted per partition over all records read, whatever their verdict', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0 }));
  const line = at(1000, undefined, { k1: 'a' });
  run.all([record('p0', 1, line), record('p0', 2, at(2000, 'b')), record('p0', 3, line), record('p0', 4, line)]);
  run.all([record('p1', 1, line)]).end();
  assert.deepEqual(run.verdicts, ['accepted', 'accepted', 'late', 'late', 'duplicate']);
});

test('S4 key order and white space do not change the content of an event without id', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const run = new DoorRun(doorProgram());
  const texts = ['{"timestamp":1000,"k1":"a","x":1}', '{ "x": 1, "timestamp": 1000, "k1": "a" }'];
  texts.forEach((text, i) => {
    run.apply({ kind: 'record', record: { partition: `p${i}`, position: 1, received_at: now_ms, bytes: bytes(text) } });
  });
  run.end();
  assert.deepEqual(run.verdicts, ['accepted', 'duplicate']);
});

test('S4 one id with two contents: the first in total order stands, the other is a duplicate and a conflict', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 50 }));
  run.all(inOrder([at(1010, 'a', { x: 1 }), at(1000, 'a', { x: 2 }), at(1000, 'b'), at(1000, 'b')])).end();
  assert.deepEqual(run.verdicts, ['duplicate', 'accepted', 'accepted', 'duplicate']);
  assert.deepEqual(run.details, ['conflict', '', '', '']);
  assert.equal(run.door.counters.conflict, 1);
  assert.equal(run.door.counters.duplicate, 2);
});

test('S4 duplicates reach exactly the horizon, in either direction', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0, dedup_horizon_ms: 100 }));
  run.all(inOrder([at(1000, 'a'), at(1100, 'a'), at(1101, 'a')])).end();
  assert.deepEqual(run.verdicts, ['accepted', 'duplicate', 'accepted']);
  const back = new DoorRun(doorProgram({ lateness_ms: 0, dedup_horizon_ms: 100 }));
  back.all([record('p0', 1, at(1000, 'a')), record('p0', 2, at(1001, 'b'))]);
  back.all([record('p0', 3, at(900, 'a')), record('p0', 4, at(899, 'a'))]).end();
  assert.deepEqual(back.verdicts, ['accepted', 'accepted', 'duplicate', 'late']);
});

test('S4 a record that waits and has lost to one that W has passed takes no other with it', () => {
  const settings = { lateness_ms: 100, dedup_horizon_ms: 60 };
  const list = inOrder([at(1000, 'a'), at(940, 'a'), at(1050, 'b'), at(1010, 'a')]);
  const expected = ['duplicate', 'accepted', 'accepted', 'accepted'];
  const run = new DoorRun(doorProgram(settings));
  assert.deepEqual(run.all(list).end().verdicts, expected, '1000 is near 940, and 1010 near 1000 only');
  const held = new DoorRun(doorProgram(settings));
  for (const entry of list) held.apply(entry);
  assert.deepEqual(held.end().verdicts, expected, 'the same where nothing was released in between');
});

test('S4 a flood of one id and one time waits as one record, also where that one has lost already', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 100, dedup_horizon_ms: 60 }));
  const flood = Array.from({ length: 500 }, () => at(1000, 'a'));
  for (const entry of inOrder([at(1000, 'a'), at(940, 'a'), at(1050, 'b'), ...flood])) run.apply(entry);
  assert.equal(run.door.pending, 3);
  run.end();
  assert.deepEqual(run.verdicts.slice(0, 3), ['duplicate', 'accepted', 'accepted']);
  assert.equal(run.door.counters.duplicate, 501);
});

test('S4 a late record never wins: its id stays free for one that is in time', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0 }));
  run.all(inOrder([at(2000, 'x'), at(1000, 'a'), at(2000, 'a'), at(1500, 'a')])).end();
  assert.deepEqual(run.verdicts, ['accepted', 'late', 'accepted', 'duplicate']);
});

test('S4 a duplicate moves no watermark, and a watermark is never taken back', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0 }));
  run.all(inOrder([at(1000, 'a'), at(1500, 'a')]));
  assert.equal(run.door.watermark.value_ms, 1000);
  const taken = new DoorRun(doorProgram({ lateness_ms: 100 }));
  taken.all(inOrder([at(1050, 'a'), at(1000, 'a')]));
  assert.equal(taken.door.watermark.value_ms, 950, 'the event that moved it lost its place afterwards');
  taken.end();
  assert.deepEqual(taken.verdicts, ['duplicate', 'accepted']);
});

test('S4 an id is forgotten behind twice the horizon: memory follows the horizon, not the stream', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0, dedup_horizon_ms: 1000 }));
  for (let i = 0; i < 50_000; i++) run.apply(record('p0', i, at(i * 10, `e${i}`), 1e9));
  run.advance();
  const held = () => Object.values(run.door.parts).reduce((sum, bytes) => sum + bytes, 0);
  const bytes = held();
  for (let i = 50_000; i < 100_000; i++)
    run.apply(record('p0', i, at(i * 10, i % 2 ? `e${i}` : undefined), 1e9)).advance();
  assert.ok(held() <= bytes, `${held()} after ${bytes}`);
  assert.equal(run.door.counters.read, 100_000);
  assert.equal(run.door.dropped_ids, 0);
});

test('S4 the partition beyond the limit is turned away with a reason that says what to do', () => {
  const run = new DoorRun(doorProgram());
  for (let i = 0; i <= 1024; i++) run.apply(record(`p${i}`, 1, at(1000, `e${i}`)));
  run.end();
  assert.equal(run.verdicts[1023], 'accepted');
  assert.equal(run.verdicts[1024], 'rejected');
  assert.match(run.details[1024], /^too_many_partitions: .*read fewer sources/);
});

test('S4 the first that applies: rejected, then duplicate, then late, then accepted', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 0, max_ahead_ms: 300_000 }));
  run.all(inOrder([at(1000, 'a'), at(2000, 'b')]));
  run.all([record('p0', 3, at(now_ms + 300_001, 'a')), record('p0', 4, at(1000, 'a')), record('p0', 5, at(1000, 'c'))]);
  run.all([record('p0', 6, at(2000, 'd'))]).end();
  assert.deepEqual(run.verdicts, ['accepted', 'accepted', 'rejected', 'duplicate', 'late', 'accepted']);
});

test('S4 the verdict on records of one id is written at release, when it is known which comes first', () => {
  const run = new DoorRun(doorProgram({ lateness_ms: 50 }));
  run.all(inOrder([at(1010, 'a', { x: 1 }), at(1000, 'a', { x: 2 })]));
  assert.deepEqual(run.answers, ['accepted', 'accepted'], 'both may still stand');
  assert.deepEqual(run.verdicts, []);
  run.all([record('p0', 3, at(1051, 'b'))]);
  assert.deepEqual(Object.entries(run.verdicts), [['1', 'accepted']], 'W is 1001');
  run.all([record('p0', 4, at(1061, 'c'))]);
  assert.deepEqual(run.verdicts, ['duplicate', 'accepted']);
});

test('S4 of a record over the limit only the beginning was kept: it is rejected with its true length', () => {
  const run = new DoorRun(doorProgram());
  const entry = record('p0', 1, at(1000, 'a'));
  assert.ok(entry.kind === 'record');
  run.all([{ kind: 'record', record: { ...entry.record, length: 300_000 } }]).end();
  assert.deepEqual(run.verdicts, ['rejected']);
  assert.match(run.details[0], /^too_large: the record is 300000 bytes long/);
});
