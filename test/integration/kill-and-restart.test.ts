import assert from 'node:assert/strict';
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile, loadRuleFiles } from '../../dsl/index.ts';
import { LineIds } from '../../ui-api/cli/line-ids.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';
import { inArrivalOrder, packTraffic } from '../simulation/pack-traffic.ts';
import { seeded } from '../simulation/random.ts';
import { detectionsOf, WeirProcess } from './weir-process.ts';

const root = new URL('../..', import.meta.url).pathname;
const hour_ms = 3_600_000;

/** Rows for every account all the time, a table over a table, windows that overlap, and rules with a table as a baseline. */
const tables = `CREATE TABLE activity AS SELECT account_id, count(*) AS events, count(DISTINCT actor.ip) AS ips
FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE TABLE busy AS SELECT count(*) AS accounts, sum(events) AS total FROM activity WINDOW HOPPING 1 HOUR ADVANCE BY 20 MINUTES;
CREATE RULE busier_than_before AS SELECT e.account_id, count(*) AS events, max(a.events) AS before
FROM events AS e JOIN activity AS a ON a.account_id = e.account_id
GROUP BY e.account_id WINDOW SLIDING 5 MINUTES HAVING events > before;
CREATE RULE first_login AS SELECT e.account_id AS account_id, b.total AS total
FROM events AS e LEFT JOIN activity AS a ON a.account_id = e.account_id LEFT JOIN busy AS b ON b.tenant_id = e.tenant_id
WHERE e.event_type = 'login' AND a.events IS NULL;
`;

/** The shipped packs, on a stream that is quick to go idle, so that the test need not wait for minutes. */
function rulesFolder(folder: string): string {
  cpSync(join(root, 'rules'), join(folder, 'rules'), { recursive: true });
  const streams = join(folder, 'rules', 'streams');
  for (const file of readdirSync(streams)) rmSync(join(streams, file));
  const sharing = "SHARING TENANTS 'acme.example', 'borealis.example'";
  const stream = `CREATE STREAM events LATENESS 2 SECONDS IDLE 6 SECONDS ${sharing};\n`;
  writeFileSync(join(streams, 'events.stream.sql'), stream);
  writeFileSync(join(folder, 'rules', 'auth', 'activity.rule.sql'), tables);
  return join(folder, 'rules');
}

/** The packs' hostile traffic with ids, so that a client may send a batch again, up to a second out of order. */
function traffic(random: () => number): string[] {
  const { rules, tests } = loadRuleFiles(diskReader(root), ['rules']);
  const { plan } = compile(rules);
  assert.ok(plan);
  const lines = packTraffic({ tests, plan, until_ms: Date.now() - 6 * hour_ms, noise: 50, random });
  const ids = new LineIds();
  return inArrivalOrder(lines, 1000, random)
    .map((text, i) => Buffer.from(ids.complete(Buffer.from(text), i + 1)).toString())
    .filter((text) => text !== '');
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

test('S1 law 4: kill -9 and restart while events come give the detections and tables of a backtest of the log', () =>
  killAndRestart([]));

test('S1 law 4: the same where the rules are divided among three threads', () => killAndRestart(['--workers', '3']));

async function killAndRestart(more: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-kill-'));
  const random = seeded(20261124);
  const rules = rulesFolder(folder);
  const data = join(folder, 'var');
  const lines = traffic(random);
  const flags = ['--checkpoint-seconds', '1', ...more];
  let weir = await WeirProcess.start([rules], data, flags);
  try {
    for (let at = 0; at < lines.length; ) {
      const batch = lines.slice(at, at + 1 + Math.floor(random() * 200));
      // A client that got no answer sends the batch again; its ids make that harmless.
      const sent = weir.post(batch, 'one').catch(() => 0);
      if (random() < 0.15) {
        await weir.end('SIGKILL');
        weir = await WeirProcess.start([rules], data, flags);
      }
      if ((await sent) === 200) at += batch.length;
    }
    await passed(weir, Date.now() - 2 * hour_ms);
    assert.equal(await weir.end('SIGINT'), 0);
    assert.equal(/3 threads judge the rules/.test(weir.stderr), more.length > 0);
    const entry = join(root, 'ui-api', 'weir.mjs');
    const rows_path = join(folder, 'rows.ndjson');
    const args = [
      entry,
      'backtest',
      rules,
      '--from',
      'log',
      '--data',
      data,
      '--format',
      'ndjson',
      '--tables',
      rows_path,
    ];
    const options: ExecFileSyncOptions = { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 };
    const printed = execFileSync(process.execPath, args, options).toString();
    const backtest = printed
      .split('\n')
      .filter(Boolean)
      .map((line) => core(JSON.parse(line)));
    const live = detectionsOf(data).map(core);
    assert.ok(live.length > 10, `only ${live.length} detections: the test would show nothing`);
    assert.deepEqual(live, backtest);
    for (const rule of ['busier_than_before', 'first_login']) {
      assert.ok(live.filter((one) => JSON.parse(one).rule === rule).length > 10, `too few detections of ${rule}`);
    }
    const rows = readFileSync(rows_path, 'utf8');
    assert.ok(rows.split('\n').length > 100, `only ${rows.split('\n').length} rows of tables`);
    // No row lost, none twice, none in another place.
    assert.equal(readFileSync(join(data, 'aggregates.ndjson'), 'utf8'), rows);
  } finally {
    await weir.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
