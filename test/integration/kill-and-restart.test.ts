import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seeded } from '../simulation/random.ts';
import { detectionsOf, WeirProcess } from './weir-process.ts';

const root = new URL('../..', import.meta.url).pathname;
const hour_ms = 3_600_000;

/** The shipped packs, on a stream that is quick to go idle, so that the test need not wait for minutes. */
function rulesFolder(folder: string): string {
  cpSync(join(root, 'rules'), join(folder, 'rules'), { recursive: true });
  const streams = join(folder, 'rules', 'streams');
  for (const file of readdirSync(streams)) rmSync(join(streams, file));
  writeFileSync(join(streams, 'events.stream.sql'), 'CREATE STREAM events LATENESS 2 SECONDS IDLE 6 SECONDS;\n');
  return join(folder, 'rules');
}

/** An hour of hostile traffic on few accounts and addresses, arriving up to a second out of order. */
function traffic(count: number, random: () => number): string[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const start_ms = Date.now() - 6 * hour_ms;
  const events = Array.from({ length: count }, (_, i) => {
    const timestamp = start_ms + Math.floor((i * hour_ms) / count);
    const type = pick(['login', 'login', 'login', 'password_reset', 'policy_report', 'policy_flag']);
    const account_id = pick([
      'root',
      'admin',
      'acct_1',
      'acct_2',
      'acct_3',
      ...Array.from({ length: 20 }, (_, n) => `a${n}`),
    ]);
    const event = {
      ...{ event_id: `e${i}`, timestamp, platform: pick(['sshd', 'github']), event_type: type, account_id },
      actor: { ip: `203.0.113.${Math.floor(random() * 12)}` },
      ...(type === 'login'
        ? {
            auth: {
              method: 'password',
              result: random() < 0.9 ? 'fail' : 'success',
              failure: pick(['wrong_password', 'unknown_user']),
            },
          }
        : {}),
      ...(type === 'policy_report'
        ? { report: { reporter_id: `r${Math.floor(random() * 40)}`, type: 'spam', target_account: account_id } }
        : {}),
      ...(type === 'password_reset' ? { auth: { result: pick(['requested', 'success']) } } : {}),
    };
    return { at: timestamp + random() * 1000, line: JSON.stringify(event) };
  });
  return events.sort((a, b) => a.at - b.at).map(({ line }) => line);
}

/** The core (S6): what must be equal, byte for byte. */
function core(record: Record<string, unknown>): string {
  const { id, rule, plan_hash, tenant_id, key, window, decided_at, values, evidence } = record;
  return JSON.stringify({ id, rule, plan_hash, tenant_id, key, window, decided_at, values, evidence });
}

async function passed(weir: WeirProcess, time_ms: number): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const { watermark } = await weir.status();
    if (watermark !== null && Date.parse(watermark) > time_ms) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the watermark did not pass the last event within a minute');
}

test('S1 law 4: kill -9 and restart while events come give the detections of a backtest of the log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-kill-'));
  const random = seeded(20261124);
  const rules = rulesFolder(folder);
  const data = join(folder, 'var');
  const lines = traffic(3000, random);
  let weir = await WeirProcess.start([rules], data, ['--checkpoint-seconds', '1']);
  try {
    for (let at = 0; at < lines.length; ) {
      const batch = lines.slice(at, at + 1 + Math.floor(random() * 200));
      // A client that got no answer sends the batch again; its ids make that harmless.
      const sent = weir.post(batch, 'one').catch(() => 0);
      if (random() < 0.2) {
        await weir.end('SIGKILL');
        weir = await WeirProcess.start([rules], data, ['--checkpoint-seconds', '1']);
      }
      if ((await sent) === 200) at += batch.length;
    }
    await passed(weir, Date.now() - 2 * hour_ms);
    assert.equal(await weir.end('SIGINT'), 0);
    const entry = join(root, 'ui-api', 'weir.mjs');
    const args = [entry, 'backtest', rules, '--from', 'log', '--data', data, '--format', 'ndjson'];
    const printed = execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    const backtest = printed
      .split('\n')
      .filter(Boolean)
      .map((line) => core(JSON.parse(line)));
    const live = detectionsOf(data).map(core);
    assert.ok(live.length > 10, `only ${live.length} detections: the test would show nothing`);
    assert.deepEqual(live, backtest);
  } finally {
    await weir.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
