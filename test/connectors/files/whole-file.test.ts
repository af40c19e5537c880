import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeFileWhole } from '../../../connectors/files/whole-file.ts';
import { atEnd } from '../../at-end.ts';

function newFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-whole-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  return folder;
}

test('a file is written whole, in folders that are made for it, and takes the place of the one before', (context) => {
  const folder = newFolder(context);
  const path = join(folder, 'a/b/file');
  writeFileWhole(path, ['one, ', new Uint8Array([0xc3, 0xa4])], 0o600);
  assert.equal(readFileSync(path, 'utf8'), 'one, ä');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(folder, 'a')).mode & 0o777, 0o700);
  writeFileWhole(path, ['two'], 0o600);
  assert.equal(readFileSync(path, 'utf8'), 'two');
  assert.deepEqual(readdirSync(join(folder, 'a/b')), ['file']);
});

test('where it cannot be written the file before stays, and nothing is left beside it', (context) => {
  const folder = newFolder(context);
  const path = join(folder, 'file');
  // A folder that is not empty has the name: the new file is whole, and cannot get it.
  mkdirSync(path);
  writeFileSync(join(path, 'inside'), 'old');
  assert.throws(() => writeFileWhole(path, ['new'], 0o600), /EISDIR|ENOTEMPTY|EEXIST|EPERM/);
  assert.deepEqual(readdirSync(folder), ['file']);
  assert.equal(readFileSync(join(path, 'inside'), 'utf8'), 'old');
});
