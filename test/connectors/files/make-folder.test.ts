import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../connectors/files/make-folder.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from './faulty-files.ts';

test('a folder is made with those above it, the highest of them is told, and what cannot be made is refused', (t) => {
  const folder = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const deep = join(folder, 'a/b/c');
  assert.equal(makeFolder(deep, 0o700), join(folder, 'a'));
  assert.equal(statSync(join(folder, 'a')).mode & 0o777, 0o700);
  assert.equal(makeFolder(deep, 0o700), null);
  assert.equal(makeFolder(join(deep, 'd'), 0o755), join(deep, 'd'));
  assert.equal(makeFolder('/', 0o700), null);
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => makeFolder(join(folder, 'file'), 0o700), { code: 'EEXIST' });
  assert.throws(() => makeFolder(join(folder, 'file/x/y'), 0o700), { code: 'ENOTDIR' });
  if (process.platform !== 'linux') return;
  // A folder that is there and takes none: `mkdir` of Node with `recursive` never ends here.
  assert.throws(() => makeFolder('/proc/nothing', 0o700), { code: 'ENOENT' });
  assert.throws(() => makeFolder('/proc/nothing/x/y', 0o700), { code: 'ENOENT', path: '/proc/nothing' });
});
