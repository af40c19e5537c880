import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { newestFirst, searchForward, WrongCursor } from '../../../ui-api/records/page.ts';
import { RecordFile } from '../../../ui-api/records/record-file.ts';
import { atEnd } from '../../at-end.ts';

function newFile(context: TestContext): RecordFile {
  const folder = mkdtempSync(join(tmpdir(), 'weir-records-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'records.ndjson');
  writeFileSync(path, '');
  return new RecordFile(path, () => statSync(path).size);
}

const append = (file: RecordFile, ...records: unknown[]) =>
  appendFileSync(file.path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));

test('forward and backward give the same records, whatever their sizes, from every place', async (context) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(fc.string(), fc.constant('é'.repeat(200_000))).map((text) => ({ text })),
        { maxLength: 12 },
      ),
      async (records) => {
        const file = newFile(context);
        append(file, ...records);
        const forth: unknown[] = [];
        const places = [0];
        for (let found = await file.forward(0); found.length > 0; found = await file.forward(places.at(-1) as number)) {
          for (const { start, end, value } of found) {
            assert.equal(start, places.at(-1));
            places.push(end);
            forth.push(value);
          }
        }
        assert.deepEqual(forth, records);
        for (const [i, place] of places.entries()) {
          const back: unknown[] = [];
          let at = place;
          for (let found = await file.backward(at); found.length > 0; found = await file.backward(at)) {
            back.push(...found.map(({ value }) => value));
            at = found[found.length - 1].start;
          }
          assert.deepEqual(back.reverse(), records.slice(0, i));
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('pages, the latest first, have every record that fits once, also while the file grows', async (context) => {
  const file = newFile(context);
  for (let i = 0; i < 25; i++) append(file, { i });
  append(file, 'no object');
  const seen: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page = await newestFirst(file, ({ i }) => (i as number) % 2 === 0, 5, cursor);
    seen.push(...page.items.map(({ i }) => i));
    cursor = page.next_cursor;
    append(file, { i: 100 });
  } while (cursor !== null);
  assert.deepEqual(seen, [24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0]);
});

test('a cursor that Weir did not give is malformed; one of what is gone is unknown', async (context) => {
  const file = newFile(context);
  for (let i = 0; i < 9; i++) append(file, { i, of: 'this file' });
  const { next_cursor } = await newestFirst(file, () => true, 4, null);
  assert.ok(next_cursor !== null);
  const kind = async (given: string, of = file) =>
    newestFirst(of, () => true, 4, given).then(
      () => 'taken',
      (error: WrongCursor) => {
        assert.ok(error instanceof WrongCursor);
        return error.kind;
      },
    );
  for (const wrong of [
    '',
    'x',
    '../../etc/passwd',
    Buffer.from('page.1').toString('base64url'),
    '\u0000',
    `${next_cursor}A`,
  ]) {
    assert.notEqual(await kind(wrong), 'taken', wrong);
  }
  assert.equal(await kind(next_cursor), 'taken');
  const other = newFile(context);
  for (let i = 0; i < 9; i++) append(other, { i, of: 'that file' });
  assert.equal(await kind(next_cursor, other), 'unknown');
  truncateSync(file.path, 10);
  assert.equal(await kind(next_cursor), 'unknown');
});

test('readers at the same place share one read', async (context) => {
  const file = newFile(context);
  append(file, { i: 1 });
  assert.equal(file.forward(0), file.forward(0));
  const [before] = await file.forward(0);
  append(file, { i: 2 });
  assert.deepEqual(
    (await file.forward(before.end)).map(({ value }) => value),
    [{ i: 2 }],
  );
  const found: unknown[] = [];
  await searchForward(file, file.size, '"i":2', ({ i }) => found.push(i));
  await searchForward(file, before.end, '"i":2', ({ i }) => found.push(i));
  assert.deepEqual(found, [2], 'the second search ends before it');
});
