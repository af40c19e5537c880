import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { failures, SpawnedWeir, workFolder } from './spawn-weir.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 3000, 'it never came so far');
    await sleep(10);
  }
}

test('Ctrl-C while a source is read says how far it came, and which files are not whole', async (context) => {
  const folder = workFolder(context);
  const args = ['backtest', 'rules', '--from', '-', '--out', 'found.ndjson', '--dead-letters', 'dead.ndjson'];
  const run = new SpawnedWeir(context, folder, args);
  run.child.stdin.write(`${failures('mara', 4, start_ms)}nope\n`);
  // What was rejected is in its file when the lines before it are counted.
  await until(() => existsSync(join(folder, 'dead.ndjson')) && statSync(join(folder, 'dead.ndjson')).size > 0);
  await sleep(100);
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended();
  assert.equal(code, 130, stderr);
  assert.match(
    stderr,
    /\nstopped: reading stdin, 5 lines so far; no event was judged; found\.ndjson, dead\.ndjson are not whole\n$/,
  );
});

test('Ctrl-C while detections are written says up to when events were judged', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 150_000, start_ms) });
  const rule = "CREATE RULE each SEVERITY low AS SELECT account_id FROM events WHERE event_type = 'login';\n";
  writeFileSync(join(folder, 'rules/auth/guessing.rule.sql'), rule);
  const out = join(folder, 'found.ndjson');
  const run = new SpawnedWeir(context, folder, [
    'backtest',
    '--from',
    'events.ndjson',
    '--out',
    'found.ndjson',
    '--utc',
  ]);
  await until(() => existsSync(out) && statSync(out).size > 0);
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended();
  assert.equal(code, 130, stderr);
  const reached = /\nstopped: events judged up to (\d+ Mar .*); found\.ndjson is not whole\n$/.exec(stderr);
  assert.ok(reached !== null, stderr);
  const lines = readFileSync(out, 'utf8').split('\n');
  assert.ok(lines.length > 1 && lines.length < 150_000, `${lines.length}`);
});

test('a backtest that is not disturbed says nothing of that, and its end is as ever', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 4, start_ms) });
  const run = new SpawnedWeir(context, folder, ['backtest', '--from', 'events.ndjson', '--out', 'found.ndjson']);
  const { code, stderr } = await run.ended();
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /stopped|whole/);
});
