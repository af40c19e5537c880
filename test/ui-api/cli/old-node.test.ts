import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { failures, SpawnedWeir, workFolder } from './spawn-weir.ts';

/** A Node that takes itself for an old one, so that Weir starts the Node of its packages. */
const asOld = [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })",
  )}`,
];

const runIn = (context: TestContext, folder: string): SpawnedWeir =>
  new SpawnedWeir(context, folder, ['run', '--port', '0', '--format', 'ndjson'], {}, asOld);

test('under an old Node a command ends as it does under a new one', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('a', 4, Date.UTC(2026, 0, 1)) });
  const run = async (args: readonly string[]) => {
    const { code, stdout } = await new SpawnedWeir(context, folder, args, {}, asOld).ended();
    return { code, detections: stdout.split('\n').filter((line) => line.includes('guessing')).length };
  };
  assert.deepEqual(await run(['backtest', 'rules', '--from', 'events.ndjson', '--format', 'ndjson']), {
    code: 0,
    detections: 1,
  });
  assert.equal((await run(['backtest', 'rules', '--from', 'missing.ndjson'])).code, 2);
});

test('kill -9 of the old Node that was started stops the Weir that it started, in order; the next start goes on', async (context) => {
  const folder = workFolder(context);
  const first = runIn(context, folder);
  await first.prints(/http:\/\/127\.0\.0\.1:\d+/);
  first.child.kill('SIGKILL');
  // The real Weir has the same stderr: it is closed when both are gone.
  assert.match((await first.ended()).stderr, /stopped: /);
  const second = runIn(context, folder);
  await second.prints(/http:\/\/127\.0\.0\.1:\d+/);
  second.child.kill('SIGTERM');
  const { code, stderr } = await second.ended();
  assert.equal(code, 0);
  assert.match(stderr, /stopped: /);
});
