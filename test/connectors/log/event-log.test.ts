import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SegmentLog } from '../../../connectors/log/segment-log.ts';
import { MemoryLog } from '../../../connectors/memory/event-log.ts';
import type { EventLog, LogEntry } from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from '../files/faulty-files.ts';
import { describe, readAll, record } from './entries.ts';

/** The contract of EventLog (engine/ports.ts), for every log there is. */
const logs: Record<string, (after: (cleanUp: () => void) => void) => Promise<EventLog>> = {
  'segment log': (after) => SegmentLog.open({ directory: temporaryDirectory(after), segment_bytes: 500 }),
  'memory log': async () => new MemoryLog(),
};

const all: LogEntry[] = [
  record('{"a":1}', 1000, 'file:auth.log', 7),
  record('', 1001.5, 'ü/3', Number.MAX_SAFE_INTEGER),
  { kind: 'idle', partition: 'http' },
  { kind: 'back', partition: 'http' },
  { kind: 'tick', now_ms: 1_700_000_000_123 },
  ...[Number.NEGATIVE_INFINITY, 1_700_000_000_000].map((from_ms) => {
    return { kind: 'lookup', name: 'nets', from_ms, version: 'é1', bytes: Uint8Array.of(0, 10, 255) } as const;
  }),
  { kind: 'verdict', position: 0, verdict: 'accepted', detail: '' },
  { kind: 'verdict', position: 1, verdict: 'rejected', detail: 'not JSON at byte 0 “ü”' },
  { kind: 'verdict', position: 2, verdict: 'late', detail: 'x' },
  { kind: 'verdict', position: 2, verdict: 'duplicate', detail: 'x' },
  { kind: 'end' },
  {
    kind: 'record',
    record: { partition: 'http', position: 10, received_at: 1002, bytes: new Uint8Array(3), length: 300_000 },
  },
];

for (const [name, open] of Object.entries(logs)) {
  test(`${name}: gives back every kind of entry, from any position`, async (t) => {
    const log = await open((cleanUp) => atEnd(t, cleanUp));
    assert.equal(log.end_position, 0);
    assert.equal(await log.append(all.slice(0, 6)), 0);
    assert.equal(await log.append(all.slice(6)), 6);
    assert.equal(log.end_position, all.length);
    for (let from = 0; from <= all.length; from++) {
      const read = await readAll(log, from);
      assert.deepEqual(
        read.map(({ position }) => position),
        all.slice(from).map((_, i) => from + i),
      );
      assert.deepEqual(
        read.map(({ entry }) => describe(entry)),
        all.slice(from).map(describe),
      );
    }
    await log.close();
  });

  test(`${name}: takes a copy of the bytes, and reads what was there when the read began`, async (t) => {
    const log = await open((cleanUp) => atEnd(t, cleanUp));
    const bytes = new TextEncoder().encode('abc');
    const done = log.append([{ kind: 'record', record: { partition: 'p', position: 0, received_at: 0, bytes } }]);
    bytes.fill(0);
    await done;
    const reading = log.read(0)[Symbol.asyncIterator]();
    const first = await reading.next();
    await log.append([record('later')]);
    assert.equal(first.done, false);
    assert.equal(describe(first.value.entry), describe(record('abc', 0, 'p')));
    assert.equal((await reading.next()).done, true);
    await log.close();
  });

  test(`${name}: concurrent appends keep their order and get positions without gaps`, async (t) => {
    const log = await open((cleanUp) => atEnd(t, cleanUp));
    const finished: number[] = [];
    const appends = Array.from({ length: 40 }, (_, i) =>
      log.append(Array.from({ length: 1 + (i % 3) }, (_, j) => record(`${i}.${j}`))).then((first) => {
        finished.push(i);
        return first;
      }),
    );
    const positions = await Promise.all(appends);
    assert.deepEqual(
      finished,
      positions.map((_, i) => i),
    );
    const texts = (await readAll(log)).map(({ entry }) => describe(entry));
    for (const [i, position] of positions.entries()) assert.equal(texts[position], describe(record(`${i}.0`)));
    assert.equal(texts.length, log.end_position);
    await log.close();
  });

  test(`${name}: position_at finds the first record at or after a time, also when clocks step back`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.nat(50), { maxLength: 4 }), { maxLength: 30 }), async (appends) => {
        const log = await open((cleanUp) => atEnd(t, cleanUp));
        const times: (number | null)[] = [];
        for (const append of appends) {
          // A time of 50 stands for an entry that is no record.
          await log.append(append.map((at) => (at === 50 ? { kind: 'tick', now_ms: 99 } : record('x'.repeat(at), at))));
          times.push(...append.map((at) => (at === 50 ? null : at)));
        }
        for (const wanted of [0, 10, 25, 49, 50]) {
          const expected = times.findIndex((at) => at !== null && at >= wanted);
          assert.equal(await log.position_at(wanted), expected < 0 ? times.length : expected);
        }
        await log.close();
      }),
      { numRuns: 20 },
    );
  });

  test(`${name}: refuses entries after close`, async (t) => {
    const log = await open((cleanUp) => atEnd(t, cleanUp));
    await log.close();
    await assert.rejects(log.append([record('x')]), /closed/);
  });
}
