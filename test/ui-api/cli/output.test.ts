import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Output, type OutputStream } from '../../../ui-api/cli/output.ts';

function terminal(isTTY: boolean): OutputStream & PassThrough {
  return Object.assign(new PassThrough(), { isTTY, columns: 80 });
}

test('colour only on a terminal, never with NO_COLOR, always with FORCE_COLOR', () => {
  const red = (isTTY: boolean, environment: NodeJS.ProcessEnv): boolean =>
    new Output(terminal(isTTY), environment).paint.red('x') !== 'x';
  assert.equal(red(true, {}), true);
  assert.equal(red(false, {}), false);
  assert.equal(red(true, { NO_COLOR: '1' }), false);
  assert.equal(red(true, { NO_COLOR: '' }), true);
  assert.equal(red(true, { TERM: 'dumb' }), false);
  assert.equal(red(false, { FORCE_COLOR: '1' }), true);
  assert.equal(red(false, { FORCE_COLOR: '1', NO_COLOR: '1' }), false);
});

test('a reader that goes away closes the output without an error; another failure is kept', async () => {
  const gone = terminal(false);
  const output = new Output(gone, {});
  gone.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(output.closed, true);
  assert.equal(output.failure, null);
  assert.equal(output.line('lost'), true);
  await output.drained();
  await output.flushed();
  const full = terminal(false);
  const other = new Output(full, {});
  full.destroy(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(String(other.failure?.message), /no space/);
});

test('drained() waits for the reader, and gives up waiting when it goes', async () => {
  const stream = Object.assign(new PassThrough({ highWaterMark: 4 }), { isTTY: false });
  const output = new Output(stream, {});
  assert.equal(output.write('0123456789'), false);
  let drained = false;
  const waiting = output.drained().then(() => {
    drained = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(drained, false);
  stream.resume();
  await waiting;
  stream.pause();
  output.write('0123456789');
  const second = output.drained();
  stream.destroy();
  await second;
});

test('JSON is one line in a pipe and indented on a terminal', () => {
  const pipe = terminal(false);
  new Output(pipe, {}).json({ a: 1 });
  assert.equal(String(pipe.read()), '{"a":1}\n');
  const screen = terminal(true);
  new Output(screen, {}).json({ a: 1 });
  assert.equal(String(screen.read()), '{\n  "a": 1\n}\n');
});
