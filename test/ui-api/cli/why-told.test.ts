import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failures, SpawnedWeir, weir, workFolder } from './spawn-weir.ts';

const rules = {
  'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 5 SECONDS IDLE 1 SECONDS;\n',
  'rules/early/resets.rule.sql': `CREATE RULE resets AS
SELECT account_id, count(*) AS n, last(event_type) AS latest FROM events GROUP BY account_id
WINDOW SLIDING 1 MINUTES HAVING n >= 2 AND latest = 'password_reset' EMIT EARLY;
CREATE RULE answered AS
SELECT e.account_id FROM events AS e WHERE e.event_type = 'password_reset'
AND EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = e.account_id AND s.event_type = 'login' WITHIN (BEFORE 1 MINUTES))
EMIT EARLY;`,
};

test('EMIT EARLY: of what left early why says what came of it: final as it was, with other values, or withdrawn', async (context) => {
  const folder = workFolder(context, rules);
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0', '--format', 'ndjson']);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  const authorization = `Bearer ${readFileSync(join(folder, 'var/token'), 'utf8').trim()}`;
  const start_ms = Math.ceil(Date.now() / 1000) * 1000 + 10_000;
  const event = (id: string, second: number, event_type: string, account_id: string) =>
    `${JSON.stringify({ timestamp: start_ms + second * 1000, event_id: id, platform: 'p', event_type, account_id })}\n`;
  const post = async (...lines: string[]) => {
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      body: lines.join(''),
      headers: { authorization },
    });
    const body = await answer.text();
    assert.match(body, new RegExp(`"accepted":${lines.length},`), body);
  };
  const accounts = ['same', 'other', 'gone'];
  await post(...accounts.map((id) => event(`${id}1`, 0, 'login', id)));
  await post(...accounts.map((id) => event(`${id}3`, 4, 'password_reset', id)));
  await run.prints(/(?:[\s\S]*"rule":"resets"){3}/);
  // Both arrive last, and stand between the two.
  await post(event('other2', 2, 'login', 'other'), event('gone2', 2, 'password_reset', 'gone'));
  await post(event('push', 30, 'logout', 'nobody'));
  await run.prints(/"status":"withdrawn"/);
  const why = async (rule: string, at: string) => {
    const { code, stdout, stderr } = await weir(
      context,
      folder,
      ['why', rule, 'rules', '--at', at, '--from', 'log', '--utc'],
      {},
    );
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const clock = 'left early, at .* by the clock';
  assert.match(await why('resets', 'same3'), new RegExp(`fired at .*\n  it ${clock}, and became final as it was\n`));
  assert.match(await why('resets', 'other3'), new RegExp(`fired at .*\n  it ${clock}, with other values: .* revision`));
  const gone = await why('resets', 'gone3');
  assert.match(gone, new RegExp(`was true before.*\n  detection \\w+ of .* ${clock}, and was withdrawn: `));
  const [, instead] = /detection (\w+) stands in its place/.exec(gone) ?? [];
  assert.match(await why('resets', 'gone2'), new RegExp(`fired at .*: detection ${instead}\n`));
  assert.match(await why('answered', 'same3'), new RegExp(`fired at .*\n  it ${clock}, and became final as it was\n`));
});

test('what another plan of the rule told is named, of a window and of one event; a key that none told is nobody’s', async (context) => {
  const each = (level: string) =>
    `CREATE RULE each AS SELECT account_id FROM events WHERE result = 'fail' AND account_id <> '${level}';\n`;
  const folder = workFolder(context, { 'rules/auth/each.rule.sql': each('friend') });
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0', '--format', 'ndjson']);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  const authorization = `Bearer ${readFileSync(join(folder, 'var/token'), 'utf8').trim()}`;
  const start_ms = Date.now() + 60_000;
  const body =
    failures('mara', 3, start_ms, 'm') +
    failures('ivo', 2, start_ms + 10_000, 'i') +
    failures('friend', 1, start_ms + 20_000, 'f') +
    failures('zz', 1, start_ms + 120_000, 'z');
  await fetch(`${url}/v1/events`, { method: 'POST', body, headers: { authorization } });
  await run.prints(/"title":"Guessing on mara"/);
  run.child.kill('SIGINT');
  const { stdout } = await run.ended();
  const told = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const guessing = join(folder, 'rules/auth/guessing.rule.sql');
  writeFileSync(guessing, readFileSync(guessing, 'utf8').replace('>= 3', '>= 2'));
  writeFileSync(join(folder, 'rules/auth/each.rule.sql'), each('nobody'));
  const why = async (rule: string, at: string) =>
    (await weir(context, folder, ['why', rule, '--at', at, '--from', 'log'])).stdout;
  const instead = (is: (record: Record<string, unknown>) => boolean) => {
    const { id, plan_hash } = told.find(is) as Record<string, string>;
    return new RegExp(
      `told by another plan of the rule, ${plan_hash}: detection ${id} of .*, told at .* by the clock\n  detection \\w{32}, as this plan has it, was not told: so it is`,
    );
  };
  // The plan of now fires one failure earlier.
  assert.match(
    await why('guessing', 'mara'),
    instead(({ rule }) => rule === 'guessing'),
  );
  assert.match(await why('guessing', 'ivo'), /detection (\w{32})\n {2}nobody got detection \1: it is not among/);
  const second = ({ rule, evidence }: Record<string, unknown>): boolean =>
    rule === 'each' && (evidence as { ids: readonly string[] }).ids[0] === 'm1';
  assert.match(await why('each', 'm1'), instead(second));
  assert.match(await why('each', 'f0'), /detection (\w{32})\n {2}nobody got detection \1: it is not among/);
});
