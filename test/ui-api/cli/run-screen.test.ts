import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpawnedWeir, workFolder } from './spawn-weir.ts';

test('detections of several tenants say whose they are, as soon as there is another tenant than `default`', async (context) => {
  const folder = workFolder(context, {
    'rules/auth/guessing.rule.sql':
      "CREATE RULE each SEVERITY low AS SELECT account_id FROM events WHERE result = 'fail';\n",
  });
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0', '--format', 'table']);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  const authorization = `Bearer ${readFileSync(join(folder, 'var/token'), 'utf8').trim()}`;
  const start_ms = Date.now() + 60_000;
  const tenants = [undefined, 'default', 'shop', 'a-bank-with-a-longer-name', 'default', 'shop\u001b[2J'];
  const lines = tenants.map((tenant_id, i) => {
    const event = { event_type: 'login', account_id: 'mara', platform: 'p', result: 'fail' };
    return `${JSON.stringify({ ...event, tenant_id, event_id: `e${i}`, timestamp: start_ms + i * 1000 })}\n`;
  });
  const push = JSON.stringify({ event_type: 'logout', account_id: 'zz', platform: 'p', timestamp: start_ms + 120_000 });
  const body = lines.join('') + push;
  await fetch(`${url}/v1/events`, { method: 'POST', body, headers: { authorization } });
  await run.prints(/(?:[\s\S]*account_id mara){6}/);
  run.child.kill('SIGINT');
  const { stdout } = await run.ended();
  const told = stdout.split('\n').flatMap((line) => (line.includes(' each ') ? [line.slice(8)] : []));
  assert.deepEqual(told, [
    '  low       each                        account_id mara',
    '  low       each                        account_id mara',
    '  low       each      shop                        account_id mara',
    '  low       each      a-bank-with-a-longer-name                    account_id mara',
    '  low       each      default                                     account_id mara',
    '  low       each      shop\\u{1b}[2J                               account_id mara',
  ]);
});
