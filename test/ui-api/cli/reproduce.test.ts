import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { failures, SpawnedWeir, weir, workFolder } from './spawn-weir.ts';

const more = {
  'rules/lookups/friends.lookup.sql':
    "CREATE LOOKUP friends (name string PRIMARY KEY) WITH (source = 'friends.csv');\n",
  'rules/lookups/friends.csv': 'name\nmara\n',
  'rules/auth/stranger.rule.sql': `CREATE RULE stranger SEVERITY low AS
SELECT account_id FROM events WHERE account_id NOT IN LOOKUP friends;\n`,
  'rules/auth/quick.rule.sql': `CREATE RULE quick SEVERITY low AS
SELECT account_id, count(*) AS failures FROM events GROUP BY account_id
WINDOW SLIDING 1 MINUTES HAVING failures >= 2 EMIT EARLY;\n`,
};

interface Stored {
  readonly id: string;
  readonly rule: string;
  readonly timing: string;
  readonly decided_at: string;
}

interface Answer {
  readonly outcome: string;
  readonly rule: { readonly version: string; readonly plan_hash: string };
  readonly history: { readonly coverage: string; readonly begins_at: number };
  readonly records: readonly {
    readonly timing: string;
    readonly outcome: string;
    readonly parts: readonly { readonly part: string; readonly is_equal: boolean }[];
  }[];
}

/** A Weir that received two accounts' failures, out of order, and a reload of the lookup in between; it has ended. */
async function received(context: TestContext): Promise<{ folder: string; stored: readonly Stored[] }> {
  const folder = workFolder(context, more);
  const now_ms = Date.now() + 60_000;
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0', '--format', 'ndjson']);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  await run.prints(/history/);
  const authorization = `Bearer ${readFileSync(join(folder, 'var/token'), 'utf8').trim()}`;
  const post = async (body: string): Promise<void> => {
    const answer = await fetch(`${url}/v1/events`, { method: 'POST', body, headers: { authorization } });
    assert.equal(answer.status, 200);
  };
  const [first, second, third] = failures('mara', 3, now_ms).trim().split('\n');
  await post(`${first}\n${third}\n${second}\n`);
  await post(failures('ivo', 2, now_ms + 4000, 'i'));
  writeFileSync(join(folder, 'rules/lookups/friends.csv'), 'name\nivo\n');
  await run.prints(/lookup friends: version \w+, 1 rows, acts on events from 20\S+ on/);
  await post(failures('mara', 1, now_ms + 30_000, 'm') + failures('zz', 1, now_ms + 200_000, 'z'));
  await run.prints(/"rule":"stranger".*"account_id":"mara"/);
  run.child.kill('SIGINT');
  assert.equal((await run.ended()).code, 0);
  const lines = readFileSync(join(folder, 'var/detections.ndjson'), 'utf8').trim().split('\n');
  return { folder, stored: lines.map((line) => JSON.parse(line) as Stored) };
}

async function reproduced(context: TestContext, folder: string, id: string, ...args: string[]) {
  const { code, stdout, stderr } = await weir(context, folder, ['reproduce', id, '--format', 'json', ...args]);
  return { code, stderr, answer: (stdout === '' ? null : JSON.parse(stdout)) as Answer | null };
}

test('law 8: every stored detection is derived again, early and final, with the lookups of then; also when its rule has changed or gone', async (context) => {
  const { folder, stored } = await received(context);
  const ids = [...new Set(stored.map(({ id }) => id))];
  assert.deepEqual([...new Set(stored.map(({ rule }) => rule))].sort(), ['guessing', 'quick', 'stranger']);
  assert.ok(stored.some(({ timing }) => timing === 'early'));
  for (const id of ids) {
    const { code, answer, stderr } = await reproduced(context, folder, id);
    assert.equal(code, 0, `${stderr}${JSON.stringify(answer)}`);
    assert.equal(answer?.outcome, 'equal');
    assert.equal(answer?.rule.version, 'now');
    assert.equal(answer?.records.length, stored.filter((one) => one.id === id).length);
  }

  const changed = join(folder, 'rules/auth/guessing.rule.sql');
  writeFileSync(changed, readFileSync(changed, 'utf8').replace('>= 3', '>= 2'));
  rmSync(join(folder, 'rules/auth/stranger.rule.sql'));
  for (const rule of ['guessing', 'stranger', 'quick']) {
    const [{ id }] = stored.filter((one) => one.rule === rule);
    const { code, answer } = await reproduced(context, folder, id);
    assert.equal(code, 0);
    assert.equal(answer?.rule.version, rule === 'quick' ? 'now' : 'kept');
  }
  const [{ id }] = stored.filter(({ rule }) => rule === 'guessing');
  const { stdout } = await weir(context, folder, ['reproduce', id, '--format', 'table', '--utc']);
  assert.match(stdout, /^Guessing on mara\nreproduced: its core is equal, byte for byte\n/);
  assert.match(stdout, /rule +guessing, plan \w+, as Weir kept it on .*; the rule on disk is another one by now/);
  assert.match(stdout, /history +7 events of the log, from .*, nothing was removed/);
});

test('what differs is named, an id that is not there and a rule that nobody kept are wrong uses', async (context) => {
  const { folder, stored } = await received(context);
  const path = join(folder, 'var/detections.ndjson');
  const found = stored.find(({ rule }) => rule === 'guessing') as Stored & { values: object };
  const forged = { ...found, values: { ...found.values, failures: 99 } };
  writeFileSync(path, `${JSON.stringify(forged)}\n`);
  const { code, answer } = await reproduced(context, folder, found.id);
  assert.equal(code, 1);
  const [record] = answer?.records ?? [];
  assert.equal(record?.outcome, 'differs');
  assert.deepEqual(
    record?.parts.filter(({ is_equal }) => !is_equal).map(({ part }) => part),
    ['values'],
  );
  const shown = await weir(context, folder, ['reproduce', found.id, '--format', 'table']);
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /not reproduced: 1 of 1 record differ/);
  assert.match(shown.stdout, /values +\{.*"failures":99.*\} +\{.*"failures":3/);

  appendFileSync(path, `${JSON.stringify({ ...found, id: 'moved', decided_at: '2026-01-01T00:00:00.000Z' })}\n`);
  const moved = await reproduced(context, folder, 'moved');
  assert.equal(moved.code, 1);
  assert.equal(moved.answer?.records[0].outcome, 'missing');

  const nobody = await reproduced(context, folder, 'nobody');
  assert.equal(nobody.code, 2);
  assert.match(nobody.stderr, /no detection nobody is stored in /);
  appendFileSync(path, `${JSON.stringify({ ...found, id: 'other', plan_hash: 'beef' })}\n`);
  const unkept = await reproduced(context, folder, 'other');
  assert.equal(unkept.code, 2);
  assert.match(unkept.stderr, /no version of guessing with plan beef is kept; on disk it has plan \w+/);
});
