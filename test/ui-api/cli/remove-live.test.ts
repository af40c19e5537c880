import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpawnedWeir, workFolder } from './spawn-weir.ts';

const rule = (name: string, event_type: string) => `CREATE RULE ${name} SEVERITY low AS
SELECT account_id FROM events WHERE event_type = '${event_type}' CLOSE AFTER 10 MINUTES QUIET;\n`;

test('a rule is removed while Weir runs: it fires no more, what it told stays open, the others go on, and so does a restart', async (context) => {
  const folder = workFolder(context, {
    'rules/own/resets.rule.sql': rule('resets', 'password_reset'),
    'rules/own/logouts.rule.sql': rule('logouts', 'logout'),
  });
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0', '--format', 'ndjson']);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  const authorization = `Bearer ${readFileSync(join(folder, 'var/token'), 'utf8').trim()}`;
  const ask = async (method: string, path: string, body?: string) => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: answer.status,
      body: (await answer.json()) as Record<string, unknown> & { items: Record<string, unknown>[] },
    };
  };
  const now_ms = Date.now() + 30_000;
  const event = (second: number, event_type: string, account_id: string) =>
    `${JSON.stringify({ timestamp: now_ms + second * 1000, event_id: `e${second}`, platform: 'p', event_type, account_id })}\n`;
  await ask('POST', 'events', event(0, 'password_reset', 'ann') + event(1, 'logout', 'bob') + event(5, 'login', 'x'));
  await run.prints(/"rule":"resets"[\s\S]*"rule":"logouts"|"rule":"logouts"[\s\S]*"rule":"resets"/);
  const gone = await ask('DELETE', 'rules/resets');
  assert.equal(gone.status, 200, JSON.stringify(gone.body));
  assert.deepEqual([gone.body.live, gone.body.open_alerts, gone.body.file], [true, 1, 'removed']);
  await run.prints(/note: resets was removed and runs no more; what it told stays as it is\n/);
  assert.doesNotMatch(run.stderr, /(logouts|guessing) was/);
  assert.ok(Date.parse(String(gone.body.live_from)) <= now_ms + 5000);
  assert.deepEqual(
    (await ask('GET', 'rules')).body.items.map(({ name }) => name),
    ['guessing', 'logouts'],
  );
  await ask(
    'POST',
    'events',
    event(20, 'password_reset', 'cid') + event(21, 'logout', 'dan') + event(26, 'login', 'x'),
  );
  await run.prints(/"account_id":"dan"/);
  run.child.kill('SIGINT');
  assert.equal((await run.ended()).code, 0);
  const lines = readFileSync(join(folder, 'var/detections.ndjson'), 'utf8').trim().split('\n');
  const told = lines.map(
    (line) => JSON.parse(line) as { rule: string; status: string; values: { account_id: string } },
  );
  assert.deepEqual(
    told.map((one) => `${one.rule} ${one.values.account_id} ${one.status}`),
    ['resets ann open', 'logouts bob open', 'logouts dan open'],
  );
  const again = new SpawnedWeir(context, folder, ['run', '--port', '0']);
  await again.prints(/2 rules from rules[\s\S]*continues with \d+ events of history/);
  again.child.kill('SIGINT');
  assert.equal((await again.ended()).code, 0);
});
