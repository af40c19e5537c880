import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogReader } from '../../../connectors/log/log-reader.ts';
import { SegmentLog } from '../../../connectors/log/segment-log.ts';
import { LogDamagedError } from '../../../connectors/log/segment-reader.ts';
import type { LogEntry } from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
import { FaultyFiles, seededRandom, temporaryDirectory } from '../files/faulty-files.ts';
import { describe, readAll, record } from './entries.ts';

const random = seededRandom(1);

function segments(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.segment'))
    .sort()
    .map((name) => join(directory, name));
}

async function filled(directory: string, appends: number, segment_bytes = 400): Promise<void> {
  const log = await SegmentLog.open({ directory, segment_bytes });
  for (let i = 0; i < appends; i++) await log.append([record(`entry ${i}`.padEnd(60, '.'), i)]);
  await log.close();
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] ^= 1;
  writeFileSync(path, bytes);
}

test('segments are cut at their size and named by their first position', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  await filled(directory, 10);
  const names = segments(directory);
  assert.ok(names.length > 2, `${names.length} segments`);
  const read = await readAll(new LogReader(directory));
  assert.equal(read.length, 10);
  for (const path of names) {
    const first = Number(/(\d{16})\.segment$/.exec(path)?.[1]);
    assert.ok(first === 0 || read[first].position === first);
  }
});

test('appends that wait together share one write and one fsync', async (t) => {
  const calls: string[] = [];
  const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const files = new FaultyFiles(root, { random, fault: (call) => void calls.push(call) });
  const log = await SegmentLog.open({ directory: root, files });
  calls.length = 0;
  await Promise.all(Array.from({ length: 100 }, (_, i) => log.append([record(`${i}`)])));
  assert.deepEqual(calls, ['write', 'sync']);
  await log.append([record('alone')]);
  assert.deepEqual(calls, ['write', 'sync', 'write', 'sync']);
  await log.close();
});

test('a torn tail is cut at open, with a message that tells bytes and position', async (t) => {
  for (const torn of [1, 20, 36, 60]) {
    const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    await filled(directory, 2, 10_000);
    const [path] = segments(directory);
    const whole = statSync(path).size;
    const other = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    await filled(other, 1);
    // The beginning of a batch, as a crash leaves it, with this segment's marker.
    const batch = readFileSync(segments(other)[0]).subarray(36, 36 + torn);
    readFileSync(path).copy(batch, 8, 8, 16);
    appendFileSync(path, batch);
    const messages: string[] = [];
    const log = await SegmentLog.open({ directory, report: (message) => messages.push(message) });
    assert.equal(messages.length, 1);
    assert.match(messages[0], new RegExp(`cut ${torn} bytes at byte ${whole}, log position 2: `));
    assert.equal(statSync(path).size, whole);
    assert.equal(await log.append([record('next')]), 2);
    assert.equal((await readAll(log)).length, 3);
    await log.close();
  }
});

test('a file that ends in zeros or garbage is cut back to its last whole batch', async (t) => {
  for (const tail of [Buffer.alloc(5000), Buffer.from('garbage that is longer than one header of a batch')]) {
    const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    await filled(directory, 3, 10_000);
    appendFileSync(segments(directory)[0], tail);
    const log = await SegmentLog.open({ directory });
    assert.equal(log.end_position, 3);
    assert.equal((await readAll(log)).length, 3);
    await log.close();
  }
});

test('damage in an old segment is an error that names file and offset, and what is before it can be read', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  await filled(directory, 10);
  const path = segments(directory)[1];
  flip(path, 36 + 50);
  const log = await SegmentLog.open({ directory });
  const seen: number[] = [];
  await assert.rejects(
    async () => {
      for await (const { position } of log.read(0)) seen.push(position);
    },
    (error) => error instanceof LogDamagedError && error.path === path && error.offset === 36,
  );
  assert.deepEqual(
    seen,
    Array.from({ length: Number(/(\d+)\.segment/.exec(path)?.[1]) }, (_, i) => i),
  );
  await log.close();
});

test('damage in the last segment is not taken for a torn tail: opening refuses', async (t) => {
  // The last batch but one, the last one (the closing batch stands behind it), a length, the segment's header.
  for (const offset of [36 + 40, -36 - 20, 36 + 5, 3]) {
    const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    await filled(directory, 3, 10_000);
    const [path] = segments(directory);
    flip(path, offset < 0 ? statSync(path).size + offset : offset);
    await assert.rejects(SegmentLog.open({ directory }), LogDamagedError);
    await assert.rejects(readAll(new LogReader(directory)), LogDamagedError);
  }
});

test('an old segment that is cut short or missing is an error', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  await filled(directory, 10);
  const path = segments(directory)[1];
  truncateSync(path, statSync(path).size - 3);
  await assert.rejects(readAll(new LogReader(directory)), LogDamagedError);
  truncateSync(path, 36);
  await assert.rejects(readAll(new LogReader(directory)), /are missing/);
});

test('after an error the log accepts nothing, says why, and goes on when it is opened again', async (t) => {
  for (const [call, fault, why] of [
    ['write', 'ENOSPC', /the disk is full/],
    ['sync', 'EIO', /EIO/],
  ] as const) {
    const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    let armed = false;
    const plan = { random, fault: (name: string) => (armed && name === call ? fault : undefined) };
    const files = new FaultyFiles(root, plan);
    const log = await SegmentLog.open({ directory: root, files });
    await log.append([record('held')]);
    armed = true;
    const failed = [log.append([record('lost')]), log.append([record('lost too')])];
    for (const append of failed) await assert.rejects(append, why);
    armed = false;
    await assert.rejects(log.append([record('refused')]), /accepts nothing more until it is opened again/);
    assert.equal((await readAll(log)).length, 1);
    await log.close();
    const again = await SegmentLog.open({ directory: root, files });
    const position = await again.append([record('next')]);
    const texts = (await readAll(again)).map(({ entry }) => describe(entry));
    assert.equal(texts[0], describe(record('held')));
    assert.equal(texts[position], describe(record('next')));
    await again.close();
  }
});

test('short writes are gone on with', async (t) => {
  const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const plan = { random, fault: (call: string) => (call === 'write' && random() < 0.7 ? 'short' : undefined) } as const;
  const log = await SegmentLog.open({ directory: root, files: new FaultyFiles(root, plan) });
  await log.append([record('x'.repeat(5000))]);
  await log.close();
  assert.equal((await readAll(new LogReader(root))).length, 1);
});

test('a reader of another process sees whole batches only, while the log is written', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const log = await SegmentLog.open({ directory, segment_bytes: 2000 });
  const reader = new LogReader(directory);
  let writing = true;
  const writer = (async () => {
    for (let i = 0; i < 60; i++) await log.append([record(`a${i}`.repeat(20), i), record(`b${i}`, i)]);
    writing = false;
  })();
  let before = 0;
  while (writing) {
    const read = await readAll(reader);
    assert.ok(read.length >= before && read.length % 2 === 0, `${read.length} entries after ${before}`);
    before = read.length;
  }
  await writer;
  assert.equal((await readAll(reader)).length, 120);
  assert.equal((await readAll(reader, 77)).length, 43);
  assert.equal(await reader.positionAt(30), 60);
  await log.close();
});

test('a batch that is half written while it is read is the end for the reader, not damage', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  await filled(directory, 3, 10_000);
  const [path] = segments(directory);
  const bytes = readFileSync(path);
  truncateSync(path, bytes.length - 36 - 50);
  assert.equal((await readAll(new LogReader(directory))).length, 2);
});

test('an entry too large for the log is refused alone', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const log = await SegmentLog.open({ directory });
  await assert.rejects(log.append([record('x'.repeat(17 * 1024 * 1024))]), RangeError);
  await assert.rejects(log.append([{ kind: 'verdict', position: 5, verdict: 'late', detail: '' }]), RangeError);
  assert.equal(await log.append([record('fine')]), 0);
  await log.close();
});

test('accepted verdicts cost at most eight bytes each', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const log = await SegmentLog.open({ directory });
  const count = 10_000;
  await log.append(Array.from({ length: count }, () => record('x')));
  const before = statSync(segments(directory)[0]).size;
  const verdicts = Array.from({ length: count }, (_, position): LogEntry => {
    return { kind: 'verdict', position, verdict: 'accepted', detail: '' };
  });
  await log.append(verdicts);
  const bytes = statSync(segments(directory)[0]).size - before;
  assert.ok(bytes <= 8 * count, `${bytes} bytes`);
  await log.close();
});
