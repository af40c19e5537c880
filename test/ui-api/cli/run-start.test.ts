import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Output } from '../../../ui-api/cli/output.ts';
import { RunStart } from '../../../ui-api/cli/run-start.ts';

const far = { kind: 'rebuilt', reason: 'there is no checkpoint', entries: 500, of: 1000 } as const;

function startOn(isTTY: boolean): { start: RunStart; text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  const stderr = new Output(Object.assign(stream, { isTTY }), {});
  const shell = { stdout: stderr, stderr, stdin: new PassThrough(), environment: {}, folder: '/', now_ms: () => 0 };
  return { start: new RunStart(shell), text: () => text };
}

test('elsewhere than on a terminal one line says that the log is read, and of which length', async () => {
  const { start, text } = startOn(false);
  assert.equal(start.is_reading, false);
  start.reading({ ...far, read: 0 }, false);
  start.reading({ ...far, read: 700 }, false);
  assert.equal(start.is_reading, true);
  await new Promise(setImmediate);
  assert.equal(text(), '  rebuilding state from 500 entries of the log: there is no checkpoint\n');
  assert.throws(
    () => start.reading({ ...far, read: 700 }, true),
    /^Error: stopped before it ran, at 200 of 500 entries/,
  );
});

test('on a terminal a bar takes the place of that line', async () => {
  const { start, text } = startOn(true);
  start.reading({ ...far, read: 0 }, false);
  // The bar is for work of more than two seconds.
  const begin = performance.now();
  while (performance.now() - begin < 2100) await new Promise((resolve) => setTimeout(resolve, 300));
  start.reading({ ...far, read: 700 }, false);
  await new Promise(setImmediate);
  assert.match(text(), /rebuilding state from the log .* 70 % {2}200 entries/);
  assert.doesNotMatch(text(), /500 entries of the log/);
  start.done();
});
