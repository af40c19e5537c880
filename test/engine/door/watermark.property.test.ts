import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogEntry } from '../../../engine/index.ts';
import { seeded } from '../../simulation/random.ts';
import { DoorRun, doorProgram, type Event, record } from './harness.ts';

const partitions = ['p0', 'p1', 'p2'];
const settings = { lateness_ms: 20, max_ahead_ms: 100_000 };

/** A record of a partition: times walk on and fall back beyond LATENESS, so that some are late. */
const made = fc.record({ partition: fc.nat(2), gap: fc.nat(30), back: fc.oneof(fc.constant(0), fc.nat(60)) });
const list = fc.array(made, { minLength: 10, maxLength: 80 });

/** Per partition its records in its own order, each with an id of its own. */
function queues(records: readonly { partition: number; gap: number; back: number }[]): LogEntry[][] {
  const all: LogEntry[][] = partitions.map(() => []);
  const time = [1000, 1000, 1000];
  records.forEach(({ partition, gap, back }, i) => {
    time[partition] += gap;
    const event: Event = { timestamp: time[partition] - back, event_id: `e${i}`, seq: i };
    all[partition].push(record(partitions[partition], all[partition].length + 1, event));
  });
  return all;
}

/** First one early record of each partition, so that all have the same floor, then the queues mixed at random. */
function interleaved(all: readonly LogEntry[][], seed: number): LogEntry[] {
  const random = seeded(seed);
  const rest = all.map((queue) => [...queue]);
  const entries = partitions.map((name, i) => record(name, 0, { timestamp: 900, event_id: `first${i}`, seq: i }));
  while (rest.some((queue) => queue.length > 0)) {
    const next = rest[Math.floor(random() * rest.length)].shift();
    if (next !== undefined) entries.push(next);
  }
  return entries;
}

function verdictsById(entries: readonly LogEntry[]): [Map<string, string>, string[]] {
  const run = new DoorRun(doorProgram(settings)).all(entries).end();
  const byId = entries.map((entry, i): [string, string] => {
    const text = entry.kind === 'record' ? new TextDecoder().decode(entry.record.bytes) : '{}';
    return [(JSON.parse(text) as { event_id: string }).event_id, run.verdicts[i]];
  });
  return [new Map(byId.sort(([a], [b]) => (a < b ? -1 : 1))), run.released];
}

test('S3 a verdict depends on the partition’s own order, not on how partitions were interleaved', () => {
  let late = 0;
  const property = fc.property(list, fc.nat(), fc.nat(), (records, one, other) => {
    const all = queues(records);
    const [verdicts, released] = verdictsById(interleaved(all, one));
    const [again, released_again] = verdictsById(interleaved(all, other));
    assert.deepEqual(again, verdicts);
    assert.deepEqual(released_again, released);
    late += [...verdicts.values()].filter((verdict) => verdict === 'late').length;
  });
  fc.assert(property, { numRuns: 200 });
  assert.ok(late > 0);
});

test('S3 W = t: everything before t has been released, nothing before t will be accepted, and W never falls', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: made },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('idle' as const, 'back' as const), of: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ ahead: fc.nat(100) }) },
  );
  const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const run = new DoorRun(doorProgram(settings));
    let time = 1000;
    let waiting: number[] = [];
    steps.forEach((one, i) => {
      const before_ms = run.door.watermark.value_ms;
      if ('kind' in one) run.apply({ kind: one.kind, partition: partitions[one.of] });
      else if ('ahead' in one) run.apply({ kind: 'tick', now_ms: time + one.ahead });
      else {
        time += one.gap;
        const timestamp = time - one.back;
        run.apply(record(partitions[one.partition], i, { timestamp, event_id: `e${i}` }));
        if (run.answers[i] === 'accepted') {
          assert.ok(timestamp >= before_ms, `accepted ${timestamp} at W ${before_ms}`);
          waiting.push(timestamp);
        }
      }
      run.advance();
      const W = run.door.watermark.value_ms;
      assert.ok(W >= before_ms);
      waiting = waiting.filter((timestamp) => timestamp >= W);
      assert.equal(run.door.pending, waiting.length, 'before W all is released, from W on nothing');
    });
  });
  fc.assert(property, { numRuns: 300 });
});
