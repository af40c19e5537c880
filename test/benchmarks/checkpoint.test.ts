import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMet, figureOf, runTiny } from './tiny.ts';

test('the checkpoint is written, read and restored, and the restored engine finds what the other finds', () => {
  const written = runTiny('checkpoint', '--keys', '1000');
  const answer = assertMet(written, /the restored engine finds what the other finds/);
  assert.equal(answer.figure, '200 detections of what follows, 200 expected');
  for (const name of ['pause', 'reading the file', 'restoring the engine', 'restore, from file to engine']) {
    figureOf(written, name);
  }
  assert.ok(figureOf(written, 'a key, its rows, ids and texts included') > 100);
  assert.match(written.said, /checkpoint of 1,000 keys/);
});
