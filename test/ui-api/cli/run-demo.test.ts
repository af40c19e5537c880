import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SpawnedWeir, typed, workFolder } from './spawn-weir.ts';

const rules = new URL('../../../rules', import.meta.url).pathname;

interface Status {
  readonly counters: Readonly<Record<'read' | 'accepted' | 'duplicate' | 'late' | 'rejected', number>>;
  readonly log_position: number;
}

/** Runs the demo until `until`, then ends it in order. Gives the status before the end. */
async function demo(context: TestContext, folder: string, until: (run: SpawnedWeir, url: string) => Promise<unknown>) {
  const run = new SpawnedWeir(context, folder, ['run', rules, '--demo', '--demo-rate', '20', '--port', '0']);
  const [url] = await run.prints(/http:\/\/127\.0\.0\.1:\d+/);
  await run.prints(/demo +simulated traffic with attacks, up to 20 events\/s, of tenants that do not exist/);
  await until(run, url);
  const status = await statusOf(folder, url);
  run.child.kill('SIGINT');
  const ended = await run.ended();
  assert.equal(ended.code, 0, ended.stderr);
  return { status, ...ended };
}

async function statusOf(folder: string, url: string): Promise<Status> {
  const authorization = `Bearer ${readFileSync(join(folder, 'var/token'), 'utf8').trim()}`;
  return (await (await fetch(`${url}/v1/status`, { headers: { authorization } })).json()) as Status;
}

test('the demo finds its first attack in its first seconds, through HTTP; a second start goes on and repeats nothing', async (context) => {
  const folder = workFolder(context);
  const first = await demo(context, folder, (run) => run.prints(/"rule":"contact_change_then_token_rotation"/));
  const { read, duplicate, late, rejected } = first.status.counters;
  assert.ok(read > 1000, `five minutes of history are there at once: ${read} events`);
  assert.deepEqual([duplicate, late, rejected], [0, 0, 0]);
  for (const line of first.stdout.trim().split('\n')) {
    assert.match((JSON.parse(line) as { tenant_id: string }).tenant_id, /\.example$/);
  }
  assert.match(readFileSync(join(folder, 'var/weir.log'), 'utf8'), /"method":"POST","path":"\/v1\/events"/);

  const before = first.status.counters.read;
  const second = await demo(context, folder, async (run, url) => {
    await run.prints(/continues with [\d,]+ events of history/);
    while ((await statusOf(folder, url)).counters.read < before + 40) await new Promise((go) => setTimeout(go, 100));
  });
  assert.equal(second.status.counters.duplicate, 0);
  assert.equal(second.status.counters.rejected, 0);
});

test('the SQL that the demo names answers in another shell, wherever WEIR_DATA is', async (context) => {
  const folder = workFolder(context);
  const place = { WEIR_DATA: 'other place', WEIR_STORE: 'embedded' };
  const args = ['run', rules, '--demo', '--demo-rate', '20', '--port', '0'];
  const run = new SpawnedWeir(context, folder, args, place);
  const [, timeline, techniques] = await run.prints(/ask in SQL +(node \S+ sql .*)\n +(node \S+ sql .*)\n/);
  for (const command of [timeline, techniques]) {
    assert.match(command, / --data "other place"$/);
    assert.match(typed(folder, command), /^\{"(at|technique)":/);
  }
  // One technique may be there once for each tenant: a row says whose it is, and its count is a number.
  assert.match(typed(folder, techniques), /^\{"technique":"[^"]+","tenant_id":"\w+\.example","alerts":\d+,/);
  run.child.kill('SIGINT');
  assert.equal((await run.ended()).code, 0);
});
