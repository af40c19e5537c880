import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { failures, SpawnedWeir, typed, weir, workFolder } from './spawn-weir.ts';

/**
 * Times ahead of the clock, but within MAX_AHEAD: only events move the watermark then, and a slow machine cannot make
 * an event late.
 */
const soon_ms = (): number => Date.now() + 60_000;

/** An event that lets the watermark pass all others. */
const pusher = (start_ms: number): string => failures('zz', 1, start_ms + 120_000, 'z');

async function start(
  context: TestContext,
  folder: string,
  ...args: string[]
): Promise<{ run: SpawnedWeir; url: string }> {
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0', ...args]);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  await run.prints(/history/);
  return { run, url };
}

async function post(folder: string, url: string, body: string, partition = 'http'): Promise<Record<string, number>> {
  const token = readFileSync(join(folder, 'var/token'), 'utf8').trim();
  const answer = await fetch(`${url}/v1/events?partition=${partition}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 200);
  return (await answer.json()) as Record<string, number>;
}

const records = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

const coreOf = ({
  id,
  rule,
  plan_hash,
  tenant_id,
  key,
  window,
  decided_at,
  values,
  evidence,
}: Record<string, unknown>) =>
  JSON.stringify({ id, rule, plan_hash, tenant_id, key, window, decided_at, values, evidence });

test('start, detections as they come, an orderly end, and a second start that continues', async (context) => {
  const folder = workFolder(context);
  const now_ms = soon_ms();
  const first = await start(context, folder);
  assert.match(first.run.stderr, /1 rule from rules.*log in var\/log/);
  assert.match(first.run.stderr, /send an event +curl -s http.*\$\(cat var\/token\)/);
  assert.match(
    first.run.stderr,
    /write a rule +edit rules\/auth\/guessing\.rule\.sql, then: node \S+weir\.mjs test rules\/auth/,
  );
  assert.match(first.run.stderr, /no history yet/);
  assert.equal((await post(folder, first.url, `${failures('mara', 2, now_ms)}nope\n`)).accepted, 2);
  first.run.child.kill('SIGINT');
  const ended = await first.run.ended();
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stderr, /stopped: 0 detections in this run, 3 events in all/);
  assert.equal(statSync(join(folder, 'var')).mode & 0o777, 0o700);

  // The third failure meets the two of the first run.
  const second = await start(context, folder);
  assert.match(second.run.stderr, /continues with 3 events of history \(checkpoint, 0 log entries read/);
  await post(folder, second.url, `${failures('mara', 4, now_ms).split('\n')[3]}\n${pusher(now_ms)}`);
  await second.run.prints(/"rule":"guessing"/);
  second.run.child.kill('SIGTERM');
  const again = await second.run.ended();
  assert.equal(again.code, 0, again.stderr);
  const [record] = records(again.stdout);
  assert.equal(record.title, 'Guessing on mara');
  const kept = readFileSync(join(folder, 'var/detections.ndjson'), 'utf8');
  assert.deepEqual(records(kept), [record]);
  assert.match(readFileSync(join(folder, 'var/dead-letters.ndjson'), 'utf8'), /"reason":"not_json".*"text":"nope"/);

  const backtest = await weir(context, folder, ['backtest', 'rules', '--from', 'log']);
  assert.deepEqual(records(backtest.stdout).map(coreOf), [record].map(coreOf));
});

test('S4 kill -9: the next start reads the log, loses nothing and doubles nothing', async (context) => {
  const folder = workFolder(context);
  const now_ms = soon_ms();
  const first = await start(context, folder);
  await post(folder, first.url, failures('mara', 3, now_ms) + failures('ivo', 2, now_ms + 30_000, 'i'));
  await first.run.prints(/"title":"Guessing on mara"/);
  first.run.child.kill('SIGKILL');
  await first.run.ended();
  const second = await start(context, folder);
  assert.match(second.run.stderr, /continues with 5 events of history, state rebuilt because there is no checkpoint/);
  const sent = await post(folder, second.url, failures('ivo', 3, now_ms + 30_000, 'i') + pusher(now_ms));
  assert.equal(sent.duplicate, 2);
  await second.run.prints(/"title":"Guessing on ivo"/);
  second.run.child.kill('SIGINT');
  assert.equal((await second.run.ended()).code, 0);
  const kept = records(readFileSync(join(folder, 'var/detections.ndjson'), 'utf8'));
  assert.deepEqual(
    kept.map(({ title }) => title),
    ['Guessing on mara', 'Guessing on ivo'],
  );
});

test('the backtest that the start names finds the past in another shell, wherever WEIR_DATA is', async (context) => {
  const folder = workFolder(context, { 'other rules/streams/events.stream.sql': 'CREATE STREAM events;\n' });
  writeFileSync(join(folder, 'events.ndjson'), failures('mara', 3, 0) + failures('zz', 1, 3_600_000, 'z'));
  const place = { WEIR_DATA: 'other place' };
  assert.equal((await weir(context, folder, ['ingest', 'events.ndjson'], place)).code, 0);
  const first = new SpawnedWeir(context, folder, ['run', '--port', '0'], place);
  await first.prints(/"title":"Guessing on mara"/);
  first.child.kill('SIGINT');
  await first.ended();
  const rule = "CREATE RULE each SEVERITY low AS SELECT account_id FROM events WHERE account_id = 'mara';\n";
  writeFileSync(join(folder, 'other rules/each.rule.sql'), rule);
  const run = new SpawnedWeir(context, folder, ['run', 'other rules', '--port', '0'], place);
  const [, command] = await run.prints(/\(they are in: (node \S+ backtest .*)\)\n/);
  assert.match(String(command), /weir\.mjs backtest "other rules" --from log --data "other place"$/);
  const [, token] = await run.prints(/Bearer \$\((cat .*?)\)"/);
  assert.equal(typed(folder, token).length, readFileSync(join(folder, 'other place/token')).length);
  assert.deepEqual(
    records(typed(folder, command)).map((record) => record.rule),
    ['each', 'each', 'each'],
  );
  run.child.kill('SIGINT');
  assert.equal((await run.ended()).code, 0);
});

test('another number of threads: the state is rebuilt, and nothing is said of a past that was told before', async (context) => {
  const folder = workFolder(context, {
    'rules/auth/each.rule.sql':
      "CREATE RULE each SEVERITY low AS SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail';\n",
  });
  const now_ms = soon_ms();
  const first = await start(context, folder);
  await post(folder, first.url, failures('mara', 3, now_ms) + pusher(now_ms));
  await first.run.prints(/"title":"Guessing on mara"/);
  first.run.child.kill('SIGINT');
  await first.run.ended();
  const second = new SpawnedWeir(context, folder, ['run', '--port', '0', '--workers', '2']);
  await second.prints(/state rebuilt because .*\n/);
  await second.prints(/a restart loads it/);
  second.child.kill('SIGINT');
  const { code, stdout, stderr } = await second.ended();
  assert.equal(code, 0);
  assert.deepEqual(records(stdout), []);
  assert.doesNotMatch(stderr, /past detections/);
});

test('rules that changed: the state is rebuilt from the log, and the past is not published again', async (context) => {
  const folder = workFolder(context);
  const now_ms = soon_ms();
  const first = await start(context, folder);
  await post(folder, first.url, failures('mara', 3, now_ms) + failures('ivo', 2, now_ms + 10_000, 'i'));
  await first.run.prints(/"title":"Guessing on mara"/);
  first.run.child.kill('SIGINT');
  await first.run.ended();
  const rule = join(folder, 'rules/auth/guessing.rule.sql');
  writeFileSync(rule, readFileSync(rule, 'utf8').replace('>= 3', '>= 2'));
  const second = await start(context, folder);
  await second.run.prints(/state rebuilt because the rules changed \(\d+ log entries read in [^;]*\)\n/);
  await second.run.prints(
    /past detections are not published now: \d+ of new or changed rules, which nobody got\. A rule that holds already .* \(they are in: node \S+weir\.mjs backtest --from log\)/,
  );
  await second.run.prints(/guessing is new, partial: it sees back to .*, where the log begins; /);
  second.run.child.kill('SIGINT');
  const { code, stdout } = await second.run.ended();
  assert.equal(code, 0);
  assert.deepEqual(records(stdout), []);
  writeFileSync(
    join(folder, 'rules/auth/each_failure.rule.sql'),
    "CREATE RULE each_failure SEVERITY low AS SELECT account_id FROM events WHERE result = 'fail' AND account_id = 'mara';\n",
  );
  const third = await start(context, folder);
  await third.run.prints(/not published now: 3 of new or changed rules, which nobody got\./);
  third.run.child.kill('SIGINT');
  await third.run.ended();
  const why = await weir(context, folder, ['why', 'guessing', '--at', 'mara', '--from', 'log']);
  assert.match(
    why.stdout,
    /detection (\w{32})\n {2}told by another plan of the rule, .*\n {2}detection \1, as this plan has it, was/,
  );
});

test('a second Weir on the same data is refused; ingest finds the running one, and a file sent twice counts once', async (context) => {
  const now_ms = soon_ms();
  const text = (failures('mara', 3, now_ms) + pusher(now_ms)).replaceAll(/"event_id":"\w+",/g, '');
  const folder = workFolder(context, { 'events.ndjson': text });
  const { run, url } = await start(context, folder);
  const refused = await weir(context, folder, ['run', '--port', '0']);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /is in use by process/);
  const ingest = (): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    weir(context, folder, ['ingest', 'events.ndjson', '--url', url, '--format', 'json']);
  const first = await ingest();
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(JSON.parse(first.stdout), {
    lines: 4,
    skipped: 0,
    read: 4,
    accepted: 4,
    duplicate: 0,
    late: 0,
    rejected: 0,
  });
  const here = ['ingest', 'events.ndjson', '--format', 'json'];
  const environment = { WEIR_PORT: new URL(url).port };
  const found = await weir(context, folder, here, environment);
  assert.equal(found.code, 0, found.stderr);
  const second = JSON.parse(found.stdout);
  assert.deepEqual([second.accepted, second.duplicate], [0, 4]);
  const stranger = await weir(context, folder, here, { ...environment, WEIR_TOKEN: 'the token of another Weir' });
  assert.equal(stranger.code, 2);
  assert.match(stranger.stderr, /does not know the token.*nothing was sent/);
  const elsewhere = await weir(context, folder, here, { WEIR_PORT: '1' });
  assert.equal(elsewhere.code, 0, elsewhere.stderr);
  assert.match(elsewhere.stderr, new RegExp(`the Weir of \\S+ runs at ${url}`));
  assert.equal(JSON.parse(elsewhere.stdout).duplicate, 4);
  const wrong = await weir(context, folder, [...here, '--url', url, '--token-file', 'nothing']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /the token cannot be read from nothing: [\s\S]*hint: check --token-file nothing/);
  await run.prints(/"title":"Guessing on mara"/);
  run.child.kill('SIGINT');
  const ended = await run.ended();
  assert.equal(existsSync(join(folder, 'var/address')), false, 'who does not run has no address');
  const backtest = await weir(context, folder, ['backtest', 'rules', '--from', 'events.ndjson']);
  assert.deepEqual(records(ended.stdout).map(coreOf), records(backtest.stdout).map(coreOf));
});

test('ingest without a running Weir stores into its log, and the next start judges it', async (context) => {
  const now_ms = soon_ms();
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 3, now_ms) + pusher(now_ms), syslog: 'x\n' });
  const other = await weir(context, folder, ['ingest', 'syslog', '--data', 'else'], { WEIR_PORT: '1' });
  assert.match(other.stderr, /no line is JSON: a syslog file of sshd is read with --as sshd/);
  const stored = await weir(context, folder, ['ingest', 'events.ndjson'], { WEIR_PORT: '1' });
  assert.equal(stored.code, 0, stored.stderr);
  assert.match(stored.stderr, /no Weir answers at http:\/\/127\.0\.0\.1:1: the events go into its log/);
  assert.match(stored.stdout, /stored 4 events of 4 lines/);
  const { run } = await start(context, folder);
  await run.prints(/"title":"Guessing on mara"/);
  run.child.kill('SIGINT');
  assert.equal((await run.ended()).code, 0);
});

test('a start that reads the log says so before it does, and Ctrl-C ends it in order: the next start has all', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 60_000, Date.now() - 60_000_000) });
  assert.equal((await weir(context, folder, ['ingest', 'events.ndjson'], { WEIR_PORT: '1' })).code, 0);
  const first = new SpawnedWeir(context, folder, ['run', '--port', '0']);
  await first.prints(/rebuilding state from 60,000 entries of the log: there is no checkpoint\n/);
  first.child.kill('SIGINT');
  const { code, stderr } = await first.ended();
  assert.equal(code, 130, stderr);
  assert.match(stderr, /stopping: the log is being closed/);
  assert.match(
    stderr,
    /stopped before it ran, at [\d,]+ of 60,000 entries of the log; nothing is lost, and the next start/,
  );
  assert.doesNotMatch(stderr, /http:/);
  assert.deepEqual(
    readdirSync(join(folder, 'var/log')).filter((name) => !name.endsWith('.segment')),
    [],
  );
  const second = await start(context, folder);
  assert.match(second.run.stderr, /continues with 60,000 events of history, state rebuilt/);
  second.run.child.kill('SIGINT');
  assert.equal((await second.run.ended()).code, 0);
  // A checkpoint is there now: nothing is rebuilt.
  const third = await start(context, folder);
  assert.doesNotMatch(third.run.stderr, /rebuil/);
  third.run.child.kill('SIGINT');
  assert.equal((await third.run.ended()).code, 0);
});

test('a second signal ends the process at once', async (context) => {
  const folder = workFolder(context);
  const { run } = await start(context, folder);
  run.child.kill('SIGINT');
  run.child.kill('SIGTERM');
  const { code } = await run.ended();
  assert.ok(code === 130 || code === 0, `ended with ${code}`);
});

test('S13 a lookup is reloaded without a restart; a backtest of the log replays it, --lookups latest is hindsight', async (context) => {
  const folder = workFolder(context, {
    'rules/lookups/friends.lookup.sql':
      "CREATE LOOKUP friends (name string PRIMARY KEY) WITH (source = 'friends.csv');\n",
    'rules/lookups/friends.csv': 'name\nmara\n',
    'rules/auth/stranger.rule.sql':
      'CREATE RULE stranger SEVERITY low AS SELECT account_id FROM events WHERE account_id NOT IN LOOKUP friends;\n',
  });
  const now_ms = soon_ms();
  const { run, url } = await start(context, folder, 'rules/auth/stranger.rule.sql', '--format', 'ndjson');
  await post(folder, url, failures('mara', 1, now_ms) + failures('ivo', 1, now_ms + 3000, 'i'));
  writeFileSync(join(folder, 'rules/lookups/friends.csv'), 'name\nivo\n');
  await run.prints(/lookup friends: version \w+, 1 rows, acts on events from \S+ on/);
  await post(folder, url, failures('mara', 1, now_ms + 5000, 'm') + pusher(now_ms));
  await run.prints(/"account_id":"mara"/);
  run.child.kill('SIGINT');
  const { stdout } = await run.ended();
  const accounts = (text: string) => records(text).map(({ values }) => (values as { account_id: string }).account_id);
  assert.deepEqual(
    accounts(stdout),
    ['mara'],
    'ivo’s event stands behind W when the file was read, so the new rows judge it',
  );
  const again = await weir(context, folder, ['backtest', 'rules/auth/stranger.rule.sql', '--from', 'log']);
  assert.deepEqual(records(again.stdout).map(coreOf), records(stdout).map(coreOf));
  assert.doesNotMatch(again.stderr, /hindsight/);
  const latest = await weir(context, folder, [
    ...['backtest', 'rules/auth/stranger.rule.sql', '--from', 'log', '--lookups', 'latest'],
  ]);
  assert.deepEqual(accounts(latest.stdout), ['mara', 'mara']);
  assert.match(latest.stderr, /hindsight: today’s rows of friends were used for all of the history/);
});
