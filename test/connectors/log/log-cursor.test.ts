import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursorsOf, type LogCursor } from '../../../connectors/log/log-cursor.ts';
import { LogReader } from '../../../connectors/log/log-reader.ts';
import { SegmentLog } from '../../../connectors/log/segment-log.ts';
import type { LogEntry } from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from '../files/faulty-files.ts';
import { describe, readAll, record } from './entries.ts';

const all: LogEntry[] = [
  record('{"a":1}', 1000, 'file:auth.log', 7),
  { kind: 'verdict', position: 0, verdict: 'rejected', detail: 'not JSON' },
  { kind: 'lookup', name: 'nets', from_ms: 5, version: 'é1', bytes: Uint8Array.of(0, 10, 255) },
  record('second', 1001, 'p', 8),
  {
    kind: 'record',
    record: { partition: 'p', position: 9, received_at: 1, bytes: new Uint8Array(3), length: 300_000 },
  },
  { kind: 'idle', partition: 'p' },
  { kind: 'verdict', position: 3, verdict: 'accepted', detail: '' },
  { kind: 'tick', now_ms: 17 },
  { kind: 'end' },
];

async function lent(batches: AsyncIterable<LogCursor>): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for await (const cursor of batches) {
    while (cursor.next()) {
      const entry = cursor.lent();
      assert.equal(cursor.isRecord, entry.kind === 'record');
      assert.equal(cursor.isLookup, entry.kind === 'lookup');
      assert.equal(cursor.isVerdict, entry.kind === 'verdict');
      if (entry.kind === 'verdict') {
        assert.deepEqual([cursor.judged(), cursor.verdict], [entry.position, entry.verdict]);
      }
      found.push([cursor.position, describe(entry.kind === 'verdict' ? { ...entry, detail: '' } : entry)]);
    }
  }
  return found;
}

test('what a cursor lends is what stands in the log, up to the position asked for and no further', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const log = await SegmentLog.open({ directory, segment_bytes: 120 });
  await log.append(all.slice(0, 5));
  await log.append(all.slice(5));
  const entries = await readAll(log);
  const expected = entries.map(({ position, entry }): [number, string] => {
    return [position, describe(entry.kind === 'verdict' ? { ...entry, detail: '' } : entry)];
  });
  const reader = new LogReader(directory);
  assert.deepEqual(await lent(reader.readBatches(0)), expected);
  for (const until of [0, 3, 5, 7, 9, 12]) {
    assert.deepEqual(await lent(reader.readBatches(0, until)), expected.slice(0, until));
    assert.deepEqual(await lent(reader.readBatches(2, until)), expected.slice(2, Math.max(2, until)));
  }
  async function* each() {
    yield* entries;
  }
  for (const most of [1, 4, 9, 100]) assert.deepEqual(await lent(cursorsOf(each(), most)), expected);
  await log.close();
});
