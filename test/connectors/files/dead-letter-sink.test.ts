import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeadLetterFile } from '../../../connectors/files/dead-letter-sink.ts';
import type { DeadLetter } from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
import { FaultyFiles, temporaryDirectory } from './faulty-files.ts';

function letter(position: number, bytes: Uint8Array): DeadLetter {
  return { reason: 'not_json', message: 'line 1: not JSON', partition: 'http', position, received_at: 1000, bytes };
}

function lettersIn(path: string): Record<string, unknown>[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

test('a letter holds reason, place, time, a readable beginning and all bytes', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'dead/letters.ndjson',
  );
  const bytes = new Uint8Array(300_000).fill(65);
  bytes.set([0xff, 0x00, 0x0a, 0xc3], 0);
  const sink = await DeadLetterFile.open({ path });
  await sink.write([letter(7, bytes), letter(8, new Uint8Array(0))]);
  await sink.close();
  const [first, second] = lettersIn(path);
  assert.deepEqual(Buffer.from(first.bytes as string, 'base64'), Buffer.from(bytes));
  assert.deepEqual(
    { ...first, bytes: '' },
    {
      reason: 'not_json',
      message: 'line 1: not JSON',
      partition: 'http',
      position: 7,
      received_at: '1970-01-01T00:00:01.000Z',
      text: `\ufffd\u0000\n\ufffd${'A'.repeat(196)}`,
      length: 300_000,
      bytes: '',
    },
  );
  assert.equal(second.length, 0);
});

test('a full file is moved aside, and of those aside the oldest goes with a message', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'letters.ndjson',
  );
  const messages: string[] = [];
  const report = (message: string) => messages.push(message);
  const sink = await DeadLetterFile.open({ path, file_bytes: 600, kept_files: 2, report });
  for (let i = 0; i < 12; i++) await sink.write([letter(i, new Uint8Array(30))]);
  await sink.close();
  const names = [`${path}.2`, `${path}.1`, path];
  for (const name of names) assert.ok(statSync(name).size <= 600);
  assert.equal(existsSync(`${path}.3`), false);
  const positions = names.flatMap((name) => lettersIn(name).map(({ position }) => position));
  assert.deepEqual(
    positions,
    Array.from({ length: positions.length }, (_, i) => 12 - positions.length + i),
  );
  assert.ok(positions.length < 12 && messages.length > 0);
  assert.match(messages[0], /letters\.ndjson\.2: removed/);
});

test('a torn last letter is cut at open', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'letters.ndjson',
  );
  for (const tail of ['{"reason":', `{"reason": "${'x'.repeat(200_000)}`]) {
    const sink = await DeadLetterFile.open({ path });
    await sink.write([letter(1, new Uint8Array(3))]);
    await sink.close();
    appendFileSync(path, tail);
    const messages: string[] = [];
    const again = await DeadLetterFile.open({ path, report: (message) => messages.push(message) });
    assert.match(messages[0], new RegExp(`cut ${tail.length} bytes`));
    await again.close();
  }
  assert.equal(lettersIn(path).length, 2);
});

test('of a record over the limit the true length is told; many large letters are written in parts', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'letters.ndjson',
  );
  const sink = await DeadLetterFile.open({ path, file_bytes: Number.POSITIVE_INFINITY });
  const count = 40;
  const bytes = new Uint8Array(256 * 1024 + 1);
  await sink.write(Array.from({ length: count }, (_, i) => ({ ...letter(i, bytes), length: 300_000 + i })));
  await sink.close();
  assert.deepEqual(
    lettersIn(path).map(({ position, length }) => [position, length]),
    Array.from({ length: count }, (_, i) => [i, 300_000 + i]),
  );
});

test('what a failed fsync left readable is not taken for written', async (t) => {
  const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const path = join(root, 'letters.ndjson');
  let armed = false;
  const fault = (call: string) => {
    const failing = armed && call === 'sync';
    if (failing) armed = false;
    return failing ? ('EIO' as const) : undefined;
  };
  const files = new FaultyFiles(root, { fault, random: () => 0 });
  const sink = await DeadLetterFile.open({ path, files });
  await sink.write([letter(1, new Uint8Array(9))]);
  armed = true;
  await assert.rejects(sink.write([letter(2, new Uint8Array(9))]), /letters\.ndjson: EIO.*until a restart/);
  await assert.rejects(sink.write([letter(3, new Uint8Array(9))]), /until a restart/);
  const again = await files.restart({ random: () => 0 });
  const next = await DeadLetterFile.open({ path, files: again });
  await next.write([letter(4, new Uint8Array(9))]);
  await next.close();
  await again.crash();
  assert.deepEqual(
    lettersIn(path).map(({ position }) => position),
    [1, 4],
  );
});
