import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failures, SpawnedWeir, weir, workFolder } from './spawn-weir.ts';

/** What Node says on a machine where the package is not: put in front of every process of these commands. */
const noPackage = `import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'chdb') return next(specifier, context);
    throw Object.assign(new Error("Cannot find package 'chdb' imported from child.ts"), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
`;

test('where the embedded store cannot be loaded: one clear sentence, everything but SQL goes on, and exit codes say so', async (context) => {
  const folder = workFolder(context, { 'no-package.mjs': noPackage });
  const extra = { WEIR_STORE: 'embedded', NODE_OPTIONS: `--import ${join(folder, 'no-package.mjs')}` };
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0', '--format', 'ndjson'], extra);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  const sentence =
    /there is no SQL over history: the embedded ClickHouse \(npm package chdb\) cannot be loaded on \S+ \S+ \(Cannot find package 'chdb' .*\)\. Everything else works\..*WEIR_STORE=off/;
  await run.prints(sentence);
  const headers = { authorization: `Bearer ${readFileSync(join(folder, 'var/token'), 'utf8').trim()}` };
  const status = async () =>
    (await (await fetch(`${url}/v1/status`, { headers })).json()) as { state: string; store: { state: string } };
  for (let now = await status(); now.store.state !== 'missing'; now = await status()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal((await fetch(`${url}/v1/ready`)).status, 200);
  const body = failures('mara', 3, Date.now());
  assert.equal((await fetch(`${url}/v1/events`, { method: 'POST', body, headers })).status, 200);
  await run.prints(/"rule":"guessing".*"account_id":"mara"/);
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended();
  assert.equal(code, 0, stderr);
  assert.equal(stderr.split('there is no SQL over history').length, 2, 'it is said once');

  const [found] = readFileSync(join(folder, 'var/detections.ndjson'), 'utf8').trim().split('\n');
  const { id } = JSON.parse(found) as { id: string };
  const asked = [
    ['sql', 'SELECT 1'],
    ['backtest', 'rules', '--from', 'store', '--since', '7d'],
    ['reproduce', id, '--from', 'store'],
  ];
  for (const args of asked) {
    let answer = await weir(context, folder, args, extra);
    // A machine with much else to do: the process that cannot load it did not come to say so within half a minute.
    while (/did not answer within/.test(answer.stderr)) answer = await weir(context, folder, args, extra);
    assert.deepEqual([answer.code, answer.stdout], [3, ''], `${args.join(' ')}\n${answer.stderr}`);
    assert.match(answer.stderr, sentence);
    assert.doesNotMatch(answer.stderr, /\n {4}at /);
  }
  const fromLog = await weir(context, folder, ['backtest', 'rules', '--from', 'log'], extra);
  assert.equal(fromLog.code, 0, fromLog.stderr);
  assert.match(fromLog.stdout, /"rule":"guessing"/);
  const again = await weir(context, folder, ['reproduce', id], extra);
  assert.equal(again.code, 0, again.stderr);
});
