import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { CheckedFiles } from '../../../connectors/columns/checked-files.ts';
import { ColumnFolder } from '../../../connectors/index.ts';
import { ColumnMaker, type ColumnsRead, type EventSchema, type StoredColumn } from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from '../files/faulty-files.ts';

const schema: EventSchema = {
  name: 'two',
  fields: (['a', 'b'] as const).map((name) => {
    return { name, path: [name], type: 'string', aliases: [], required: false, summary: '' };
  }),
};
const segment = { first_position: 0, end_position: 1000, marker: 'm', bytes: 1 };

function written(directory: string): string {
  const maker = new ColumnMaker(schema);
  for (let position = 0; position < 100; position++) {
    const event = { event_id: `e${position}`, timestamp: 1_700_000_000_000 + position, tenant_id: 't', a: 'a', b: 'b' };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    maker.add({ partition: 'p', position, received_at: 1_700_000_000_000, bytes }, 'accepted');
  }
  new ColumnFolder(directory, schema, 'any').write(segment, maker.finish(), []);
  return join(directory, '0000000000000000.columns');
}

/** Turns a bit of the codes of `b`, the last part but that of the lookups. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 20] ^= 1;
  writeFileSync(path, bytes);
}

/** What a disk does that loses a bit after a check: the file is the one that was checked, as far as anybody is told. */
function sayChecked(path: string, parts: readonly string[]): void {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  const files = new CheckedFiles(join(path, '..', 'checked.json'));
  files.add(basename(path), [ino, size, mtimeNs, ctimeNs].join(), parts);
  files.keep();
}

function codesOf(column: StoredColumn | null | undefined): Uint8Array {
  assert.ok(column != null && !(column instanceof Float64Array));
  return column.codes as Uint8Array;
}

function ofFields(...fields: string[]): ColumnsRead {
  return { fields, open: [] };
}

test('parts that were checked are not read to be checked, by whoever comes later; others are', (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const path = written(directory);
  const first = new ColumnFolder(directory, schema, 'any');
  assert.ok(first.find(segment, ofFields('a')) !== null);
  first.keepChecks();
  const [[name, { parts }]] = JSON.parse(readFileSync(join(directory, 'checked.json'), 'utf8'));
  assert.equal(name, basename(path));
  assert.ok(parts.includes('codes a') && parts.includes('ids') && !parts.includes('codes b'), parts.join());
  damage(path);
  sayChecked(path, parts);
  const second = new ColumnFolder(directory, schema, 'any');
  assert.notEqual(second.find(segment, ofFields('a')), null);
  assert.equal(second.find(segment, ofFields('a', 'b')), null);
  assert.match(second.problems.join(), /0\.columns is damaged: a checksum is wrong/);
});

test('a part that is damaged though it was checked before is never read, and is found by the next run before it begins', (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const path = written(directory);
  const first = new ColumnFolder(directory, schema, 'any');
  const whole = first.find(segment, ofFields('a', 'b'));
  first.keepChecks();
  assert.ok(whole !== null && typeof whole !== 'string');
  assert.deepEqual(codesOf(whole.events.column('b')), new Uint8Array(100).fill(1));
  const [[, { parts }]] = JSON.parse(readFileSync(join(directory, 'checked.json'), 'utf8'));
  damage(path);
  sayChecked(path, parts);
  const found = new ColumnFolder(directory, schema, 'any').find(segment, ofFields('a', 'b'));
  assert.ok(found !== null && typeof found !== 'string');
  assert.deepEqual(codesOf(found.events.column('a')), new Uint8Array(100).fill(1));
  const again = /is damaged: a checksum is wrong; it was whole when it was checked, .*: start this run again$/;
  assert.throws(() => codesOf(found.events.column('b')), again);
  assert.equal(new ColumnFolder(directory, schema, 'any').find(segment, ofFields('a', 'b')), null);
});

test('a file that something was written to is checked again', (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const path = written(directory);
  const first = new ColumnFolder(directory, schema, 'any');
  assert.notEqual(first.find(segment, ofFields('a', 'b')), null);
  first.keepChecks();
  damage(path);
  for (const folder of [first, new ColumnFolder(directory, schema, 'any')]) {
    assert.equal(folder.find(segment, ofFields('a', 'b')), null);
  }
});

test('what is no list of checked files says nothing', (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const path = join(directory, 'checked.json');
  for (const text of ['', '{', '{}', 'null', '[1,null,["a"],["a",null],["a",{"identity":"1"}]]']) {
    writeFileSync(path, text);
    assert.equal(new CheckedFiles(path).partsOf('a', '1').size, 0, text);
  }
  writeFileSync(path, '[["a",{"identity":"1","parts":["x"]}]]');
  assert.deepEqual([...new CheckedFiles(path).partsOf('a', '1')], ['x']);
  assert.deepEqual([...new CheckedFiles(path).partsOf('a', '2')], []);
});

test('a folder that takes no file is checked each time', (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  writeFileSync(join(directory, 'no folder'), '');
  const files = new CheckedFiles(join(directory, 'no folder', 'checked.json'));
  files.add('a', '1', ['x']);
  files.keep();
  assert.deepEqual([...files.partsOf('a', '1')], ['x']);
  assert.equal(new CheckedFiles(join(directory, 'no folder', 'checked.json')).partsOf('a', '1').size, 0);
});
