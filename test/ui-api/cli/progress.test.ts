import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { withProgress } from '../../../ui-api/cli/log-progress.ts';
import { Output } from '../../../ui-api/cli/output.ts';
import { Progress } from '../../../ui-api/cli/progress.ts';

function run(isTTY: boolean, steps: readonly number[]): string {
  const methods = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, ...methods });
  let now_ms = 0;
  let drawn = '';
  stream.on('data', (chunk) => {
    drawn += String(chunk);
  });
  const progress = new Progress(new Output(stream, {}), 'reading x', 100, 'lines', () => now_ms);
  for (const step of steps) {
    now_ms = step;
    progress.update(50, 1234);
  }
  progress.done();
  return drawn;
}

test('work under two seconds shows nothing, longer work a bar on a terminal', () => {
  assert.equal(run(true, [500, 1999]), '');
  const drawn = run(true, [500, 2100, 2300]);
  assert.match(drawn, /reading x/);
  assert.match(drawn, /50 %/);
  assert.match(drawn, /1,234 lines/);
});

test('no bar in a pipe, however long it takes', () => {
  assert.equal(run(false, [500, 5000, 9000]), '');
});

test('a log that is read says every half second, and at its end, how many entries there were', async () => {
  const said: unknown[] = [];
  let now_ms = 0;
  async function* batches() {
    for (const count of [10, 20, 30, 40]) {
      now_ms += 300;
      yield { count };
    }
  }
  const given: number[] = [];
  const all = withProgress(
    batches(),
    'events',
    100,
    (step) => said.push([step.read, step.of]),
    0,
    () => now_ms,
  );
  for await (const { count } of all) given.push(count);
  assert.deepEqual(given, [10, 20, 30, 40]);
  assert.deepEqual(said, [
    [30, 100],
    [100, 100],
    [100, 100],
  ]);
});
