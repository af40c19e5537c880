import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ForeignFile } from '../../../connectors/files/file-start.ts';
import { type Line, LineSplitter, readLines, readRecords } from '../../../connectors/files/read-lines.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from './faulty-files.ts';

function split(chunks: Uint8Array[], limit?: number): Line[] {
  const splitter = new LineSplitter(limit);
  const lines = chunks.flatMap((chunk) => splitter.push(chunk));
  const last = splitter.finish();
  return last === null ? lines : [...lines, last];
}

const text = (line: Line) => new TextDecoder().decode(line.bytes);
const bytesOf = (value: string) => new TextEncoder().encode(value);

test('lines do not depend on how the bytes are cut into chunks', () => {
  const part = fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', 'long '.repeat(5), 'ü');
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(40)), (parts, cuts) => {
      const whole = bytesOf(parts.join(''));
      const places = [...new Set(cuts.filter((cut) => cut < whole.length))].sort((a, b) => a - b);
      const chunks = [0, ...places].map((start, i) => whole.slice(start, places[i] ?? whole.length));
      const lines = split(chunks, 12);
      const expected = parts.join('').split('\n');
      if (expected.at(-1) === '') expected.pop();
      const ended = parts.join('').split('\n').length - 1;
      assert.equal(lines.length, expected.length);
      for (const [i, line] of lines.entries()) {
        const wanted = bytesOf(i < ended ? expected[i].replace(/\r$/, '') : expected[i]);
        assert.equal(line.number, i + 1);
        assert.equal(line.length, wanted.length);
        assert.equal(line.is_over_long, wanted.length > 12);
        assert.deepEqual(new Uint8Array(line.bytes), wanted.slice(0, 13));
      }
      assert.equal(lines.at(-1)?.end_offset ?? 0, whole.length);
    }),
    { numRuns: 500 },
  );
});

test('an over-long line is given with its first bytes and true length, and its neighbours whole', () => {
  const long = 'x'.repeat(300 * 1024);
  const whole = bytesOf(`before\n${long}\nafter`);
  for (const size of [1000, 65_536, whole.length]) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
      whole.slice(i * size, (i + 1) * size),
    );
    const [before, over, after] = split(chunks);
    assert.deepEqual([text(before), text(after)], ['before', 'after']);
    assert.equal(over.is_over_long, true);
    assert.equal(over.length, long.length);
    assert.equal(text(over), long.slice(0, 256 * 1024 + 1));
    assert.equal(after.end_offset, whole.length);
  }
});

test('a line of exactly the limit is whole, also with a carriage return behind it', () => {
  for (const end of ['\n', '\r\n', '']) {
    const [line] = split([bytesOf('x'.repeat(5000) + end)], 5000);
    assert.deepEqual([line.length, line.is_over_long, line.bytes.length], [5000, false, 5000]);
    const [over] = split([bytesOf('x'.repeat(5001) + end)], 5000);
    assert.deepEqual([over.length, over.is_over_long, over.bytes.length], [5001, true, 5001]);
  }
});

test('a line without end does not grow in memory', () => {
  const splitter = new LineSplitter(1000);
  const chunk = new Uint8Array(64 * 1024).fill(120);
  for (let i = 0; i < 2000; i++) assert.deepEqual(splitter.push(chunk), []);
  const held = splitter.finish();
  assert.equal(held?.length, 2000 * chunk.length);
  assert.equal(held?.bytes.buffer.byteLength, 1001);
});

test('files and the standard input are read alike', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'lines',
  );
  writeFileSync(path, 'one\r\ntwo\n\nlast');
  const lines: string[] = [];
  for await (const batch of readLines(path)) lines.push(...batch.map(text));
  assert.deepEqual(lines, ['one', 'two', '', 'last']);
  const module = JSON.stringify(new URL('../../../connectors/files/read-lines.ts', import.meta.url).href);
  const script = `const { readLines } = await import(${module});
    for await (const batch of readLines('-')) for (const line of batch) process.stdout.write(line.number + ' ' + line.length + ';');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { input: 'one\ntwo2' });
  assert.equal(output.toString(), '1 3;2 4;');
});

test('a byte order mark at the very beginning is no part of the first record, also where a pipe cuts it', async (t) => {
  const folder = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const mark = Uint8Array.of(0xef, 0xbb, 0xbf);
  const contentOf = async (content: Uint8Array): Promise<string[]> => {
    const path = join(folder, 'marked');
    writeFileSync(path, content);
    const found: string[] = [];
    for await (const batch of readLines(path))
      found.push(...batch.map(({ bytes }) => Buffer.from(bytes).toString('hex')));
    const pieces: string[] = [];
    for await (const batch of readRecords(path, 'Records')) {
      pieces.push(...batch.map(({ bytes }) => Buffer.from(bytes).toString('hex')));
    }
    assert.deepEqual(pieces, found);
    return found;
  };
  const hex = (content: Uint8Array | string) => Buffer.from(content).toString('hex');
  assert.deepEqual(await contentOf(Buffer.concat([mark, Buffer.from('one\ntwo')])), [hex('one'), hex('two')]);
  // One alone is taken, and none behind the beginning: there the door has words for it.
  assert.deepEqual(await contentOf(Buffer.concat([mark, mark, Buffer.from('x\n'), mark, Buffer.from('y')])), [
    hex(Buffer.concat([mark, Buffer.from('x')])),
    hex(Buffer.concat([mark, Buffer.from('y')])),
  ]);
  assert.deepEqual(await contentOf(mark), []);
  assert.deepEqual(await contentOf(Uint8Array.of(0xef, 0xbb)), ['efbb']);
  const module = JSON.stringify(new URL('../../../connectors/files/read-lines.ts', import.meta.url).href);
  const script = `const { readLines } = await import(${module});
    for await (const batch of readLines('-')) for (const line of batch) process.stdout.write(line.bytes.join(' ') + ';');`;
  const parts = "printf '\\357'; sleep 0.2; printf '\\273'; sleep 0.2; printf '\\277a\\nb\\n'";
  const output = execFileSync('sh', ['-c', `(${parts}) | "$0" --input-type=module -e "$1"`, process.execPath, script]);
  assert.equal(output.toString(), '97;98;');
});

test('what is compressed or UTF-16 is refused at its first bytes, and the program that is named unpacks it', async (t) => {
  const folder = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const text = 'one\ntwö\n';
  const makers: readonly (readonly [string, string])[] = [
    ['gzip', 'gzip -c'],
    ['bzip2', 'bzip2 -c'],
    ['xz', 'xz -c'],
    ['zstd', 'zstd -qc'],
    ['utf-16', 'iconv -f UTF-8 -t UTF-16'],
    ['utf-16 of the other order', "(printf '\\376\\377'; iconv -f UTF-8 -t UTF-16BE)"],
  ];
  for (const [name, maker] of makers) {
    const path = join(folder, 'foreign');
    const tool = /iconv|\w+/.exec(maker.replace(/.*; /, ''))?.[0] as string;
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) {
      t.diagnostic(`${name} was not tried: ${tool} is not installed here`);
      continue;
    }
    const made = execFileSync('sh', ['-c', maker], { input: text });
    for (const content of [made, Buffer.concat([made, Buffer.alloc(100_000, 10)])]) {
      writeFileSync(path, content);
      for (const read of [readLines(path), readRecords(path, null)]) {
        await assert.rejects(read.next(), ForeignFile, name);
      }
    }
    writeFileSync(path, made);
    const refused: unknown = await readLines(path)
      .next()
      .catch((error) => error);
    const { program } = (refused as ForeignFile).form;
    assert.equal(execFileSync('sh', ['-c', `${program} < foreign`], { cwd: folder }).toString(), text, name);
  }
});
