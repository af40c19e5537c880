import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeFiles, readAt, readWhole, writeAll } from '../../../connectors/files/file-port.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from './faulty-files.ts';

test('the real port: write at an offset, read, truncate, rename, list, remove; owner only', async (t) => {
  const directory = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'a/b/c/d',
  );
  await nodeFiles.makeDirectory(directory);
  await nodeFiles.makeDirectory(directory);
  const path = join(directory, 'file');
  const file = await nodeFiles.open(path, 'create');
  await assert.rejects(nodeFiles.open(path, 'create'), { code: 'EEXIST' });
  await writeAll(file, new TextEncoder().encode('abcdef'), 0);
  await writeAll(file, new TextEncoder().encode('XY'), 2);
  await file.sync();
  assert.equal(new TextDecoder().decode(await readAt(file, 1, 100)), 'bXYef');
  await file.truncate(3);
  assert.equal(await file.size(), 3);
  await file.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  await nodeFiles.rename(path, `${path}2`);
  assert.deepEqual(await nodeFiles.list(directory), ['file2']);
  const again = await nodeFiles.open(`${path}2`, 'update');
  await writeAll(again, new TextEncoder().encode('Z'), 0);
  await again.close();
  assert.equal(new TextDecoder().decode((await readWhole(nodeFiles, `${path}2`)) ?? undefined), 'ZbX');
  await nodeFiles.remove(`${path}2`);
  await nodeFiles.syncDirectory(directory);
  assert.equal(await readWhole(nodeFiles, `${path}2`), null);
  await assert.rejects(nodeFiles.open(path, 'read'), { code: 'ENOENT' });
});

test('a file that takes no bytes is an error and no endless loop', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'file',
  );
  writeFileSync(path, '');
  const file = await nodeFiles.open(path, 'update');
  const full = { ...file, write: async () => 0 };
  await assert.rejects(writeAll(full, new Uint8Array(3), 0), /only 0 of 3 bytes could be written: is the disk full/);
  await file.close();
});

test('an error of an open file names its path, which the system call does not have', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const file = await nodeFiles.open(directory, 'read');
  await assert.rejects(file.read(new Uint8Array(1), 0), (error: NodeJS.ErrnoException) => {
    return error.code === 'EISDIR' && error.message.includes(directory);
  });
  await file.close();
});
