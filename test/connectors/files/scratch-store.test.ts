import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ScratchFile } from '../../../connectors/files/scratch-store.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from './faulty-files.ts';

test('ranges come back as they were appended, and nothing is left in the directory', (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const scratch = new ScratchFile(directory);
  const runs = Array.from({ length: 50 }, (_, i) => new Uint8Array(i * 1000).fill(i));
  const offsets = runs.map((run) => scratch.append(run));
  assert.deepEqual(readdirSync(directory), []);
  for (const i of [49, 0, 7, 7, 30]) assert.deepEqual(scratch.read(offsets[i], runs[i].length), runs[i]);
  assert.deepEqual(scratch.read(offsets[30] + 10, 5), new Uint8Array(5).fill(30));
  scratch.close();
});

test('bytes that were never appended are an error', (t) => {
  const scratch = new ScratchFile(temporaryDirectory((cleanUp) => atEnd(t, cleanUp)));
  scratch.append(new Uint8Array(10));
  assert.throws(() => scratch.read(5, 6), RangeError);
  assert.throws(() => scratch.read(-1, 2), RangeError);
  scratch.close();
});
