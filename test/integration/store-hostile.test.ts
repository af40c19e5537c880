import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { StoreClient } from '../../connectors/clickhouse/store-client.ts';
import { readEndpoint } from '../../connectors/index.ts';
import { eventSchemaV1 } from '../../engine/index.ts';
import { WeirProcess } from './weir-process.ts';

const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;
const start_ms = Math.floor(Date.now() / 60_000 - 600) * 60_000;

/** What wants to be SQL, in ClickHouse's quotes of every kind, behind a blank line, and at the end of a literal. */
const attack = (field: string): string =>
  `${field}' "\`)\\'); DROP TABLE events; --\n\nDROP TABLE alerts\n;/* \\ {x:String} \u{1f600} */`;
/** The same for a name: one line. */
const attackName = (what: string): string => `${what}'\`\\); DROP TABLE alerts; -- `;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const [ruleName, columnName] = ['rule', 'column'].map(attackName);
/** No backslash: the reader refuses a statement with one in a name, which two lexers could read in two ways. */
const tableName = attackName('table').replaceAll('\\', '');

const rules = `CREATE STREAM events LATENESS 1 SECONDS IDLE 30 MINUTES;
CREATE RULE ${quoted(ruleName)} TITLE 'Two of {account_id}' SEVERITY high ATTACK 'T1110' AS
SELECT account_id, platform AS ${quoted(columnName)}, count(*) AS n FROM events GROUP BY account_id, platform
WINDOW SLIDING 1 MINUTES HAVING n >= 2 ENTITY account account_id RISK 10 ON account account_id HALF LIFE 1 HOURS;
CREATE TABLE ${quoted(tableName)} AS SELECT account_id, platform AS ${quoted(columnName)}, count(*) AS n FROM events
GROUP BY account_id, platform WINDOW TUMBLING 1 MINUTE;
`;

/** An event in which every text that an event may have is an attack. */
function hostileEvent(at_ms: number, id: string): Record<string, unknown> {
  const event: Record<string, Record<string, unknown> | unknown> = {
    ...{ event_id: attack(id), timestamp: start_ms + at_ms, tenant_id: attack('tenant_id') },
    details: { [attack('key')]: attack('value'), list: [attack('item'), { [attack('inner')]: 1 }] },
    [attack('extra')]: attack('extra value'),
  };
  for (const { path, name, type } of eventSchemaV1.fields) {
    if (type !== 'string' || name === 'schema_version') continue;
    if (path.length === 1) event[path[0]] = attack(name);
    else event[path[0]] = { ...(event[path[0]] as object | undefined), [path[1]]: attack(name) };
  }
  return event;
}

describe('text that wants to be SQL, through every field into the store', () => {
  let folder: string;
  let weir: WeirProcess;
  let client: StoreClient;
  const rows = (query: string, params: Record<string, unknown> = {}) => client.rows(query, { params });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-hostile-'));
    mkdirSync(join(folder, 'rules'));
    writeFileSync(join(folder, 'rules', 'hostile.rule.sql'), rules);
    const data = join(folder, 'var');
    const start = (): Promise<WeirProcess> => WeirProcess.start([join(folder, 'rules')], data, [], 'embedded');
    weir = await start();
    try {
      const partition = 'one';
      // A partition has a plain name, or is refused at the door.
      assert.equal(await weir.post(['{}'], encodeURIComponent(attackName('partition'))), 400);
      const lines = [hostileEvent(0, 'one'), hostileEvent(1000, 'two'), hostileEvent(1000, 'two')];
      const post = async (...events: (object | string)[]): Promise<void> => {
        const texts = events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event)));
        assert.equal(await weir.post(texts, partition), 200);
      };
      await post(...lines);
      await post(`{"broken ${attackName('letter')}`);
      await post({ ...hostileEvent(600_000, 'three'), account_id: 'other' }, hostileEvent(0, 'late'));
      await post({ ...hostileEvent(1_200_000, 'last'), account_id: 'other' });
      await backtests(weir, data);
      for (let i = 0; ; i++) {
        const { store: status } = await weir.status();
        if (status?.state === 'up' && status.behind === 0) break;
        assert.ok(i < 600, JSON.stringify(status));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    } finally {
      await weir.end('SIGINT');
    }
    // The end of a run, if it had no time for it, is written by the next start.
    weir = await start();
    client = new StoreClient(() => {
      const endpoint = readEndpoint(join(data, 'store'));
      return endpoint === null ? null : { url: endpoint.url, database: null, login: endpoint.reader };
    });
    const live =
      "SELECT groupArray(state) AS states FROM (SELECT state FROM runs FINAL WHERE mode = 'live' ORDER BY state)";
    for (let i = 0; ; i++) {
      const [{ states }] = await rows(live).catch(() => [{ states: null }]);
      if (JSON.stringify(states) === '["done","running"]') break;
      assert.ok(i < 600, `the first live period is over, and the second is not: ${JSON.stringify(states)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  after(async () => {
    await client?.close();
    await weir?.end('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  });

  /** A run by the API under a rule's hostile name, and one by the command line. */
  async function backtests({ url }: WeirProcess, data: string): Promise<void> {
    const token = readFileSync(join(data, 'token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ rules: [ruleName] });
    const begun = await fetch(`${url}/v1/runs`, { method: 'POST', headers, body });
    const { id, detail } = (await begun.json()) as { id: string; detail?: string };
    assert.equal(begun.status, 202, detail ?? '');
    for (let i = 0; ; i++) {
      const run = (await (await fetch(`${url}/v1/runs/${id}`, { headers })).json()) as { state: string; error: string };
      if (run.state === 'done') break;
      assert.ok(i < 600 && run.error === null, JSON.stringify(run));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const more of [['--since', '30d'], ['--as-arrived']]) {
      const args = [entry, 'backtest', 'rules', '--from', 'log', '--data', data, ...more];
      execFileSync(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
    }
  }

  test('every table of the records has its rows, and no table has gone', async () => {
    const tables = [
      ...['events', 'late_events', 'duplicate_events', 'dead_letters', 'aggregates', 'alerts', 'alert_evidence'],
      ...['risk', 'rules', 'runs', 'audit', 'log_marks', 'pending_events', 'caught_up'],
    ];
    const counts: Record<string, number> = {};
    for (const table of tables) counts[table] = Number((await rows(`SELECT count() AS n FROM ${table}`))[0].n);
    const { log_marks: _, audit, rules: versions, runs, pending_events, caught_up, ...rest } = counts;
    assert.deepEqual(rest, {
      ...{ events: 3, late_events: 1, duplicate_events: 1, dead_letters: 1 },
      ...{ aggregates: 2, alerts: 1, alert_evidence: 2, risk: 1 },
    });
    // What is replaced may still be there beside what replaced it.
    assert.ok(
      pending_events >= 1 && caught_up >= 1 && audit >= 1 && versions === 2 && runs >= 5,
      JSON.stringify(counts),
    );
  });

  test('events hold every field as it was sent', async () => {
    const columns = eventSchemaV1.fields.filter(({ type, name }) => type === 'string' && name !== 'schema_version');
    for (const table of ['events', 'late_events', 'duplicate_events']) {
      const [row] = await rows(`SELECT * FROM ${table} WHERE account_id = {a:String} ORDER BY timestamp`, {
        a: attack('account_id'),
      });
      for (const { name } of columns) assert.equal(row[name.replaceAll('.', '_')], attack(name), `${table} ${name}`);
      assert.equal(row.tenant_id, attack('tenant_id'));
      const details = JSON.parse(String(row.details)) as Record<string, unknown>;
      assert.equal(details[attack('key')], attack('value'));
      assert.equal(details[attack('extra')], attack('extra value'));
      const raw = JSON.parse(String(row.raw)) as { event_id: string };
      assert.equal(raw.event_id, row.event_id);
    }
    const [letter] = await rows('SELECT text, base64Decode(bytes) AS bytes FROM dead_letters');
    assert.ok(String(letter.bytes).includes(attackName('letter')) && letter.bytes === letter.text);
  });

  test('alerts, evidence, risk and rows of tables, and the views over them', async () => {
    const [alert] = await rows('SELECT id, rule, tenant_id, title, entity_id, values FROM alerts_now');
    assert.deepEqual([alert.rule, alert.tenant_id], [ruleName, attack('tenant_id')]);
    assert.equal(alert.entity_id, attack('account_id'));
    assert.equal((JSON.parse(String(alert.values)) as Record<string, unknown>)[columnName], attack('platform'));
    const events = await rows('SELECT event_id FROM alert_events(alert = {id:String})', { id: alert.id });
    assert.deepEqual(
      events.map(({ event_id }) => event_id),
      [attack('one'), attack('two')],
    );
    assert.equal((await rows('SELECT entity_id FROM risk'))[0].entity_id, attack('account_id'));
    const name = `\`aggregates_${tableName.replaceAll('`', '``')}\``;
    const aggregates = await rows(`SELECT * FROM ${name} ORDER BY n DESC`);
    assert.deepEqual([aggregates[0].account_id, aggregates[0].n], [attack('account_id'), '2']);
    assert.equal(aggregates[0][columnName], attack('platform'));
    for (const [view, parameter, value] of [
      ['account_timeline', 'account', attack('account_id')],
      ['device_timeline', 'device', attack('device.id')],
    ] as const) {
      const timeline = await rows(`SELECT kind FROM ${view}(${parameter} = {value:String})`, { value });
      assert.ok(timeline.length >= 4, `${view}: ${JSON.stringify(timeline)}`);
    }
    assert.deepEqual((await rows('SELECT rules FROM alerts_by_technique'))[0].rules, [ruleName]);
  });

  test('rules with their texts, runs with parameters, range, hashes and counters, and the audit', async () => {
    const versions = await rows('SELECT name, text, how, plan_hash FROM rules ORDER BY name');
    assert.deepEqual(
      versions.map(({ name, text, how }) => [name, text, how]),
      [
        [ruleName, rules, 'start'],
        [tableName, rules, 'start'],
      ],
    );
    const runs = await rows('SELECT * FROM runs FINAL ORDER BY started_at');
    const running = runs.pop();
    assert.deepEqual([running?.mode, running?.state], ['live', 'running']);
    const brief = runs.map(({ mode, state, input, detections }) => [mode, state, input, detections]);
    const found = { [ruleName]: '1' };
    assert.deepEqual(brief, [
      ['live', 'done', 'live', {}],
      ['backtest', 'done', 'log', found],
      ['backtest', 'done', 'log', found],
      ['replay', 'done', 'log', found],
    ]);
    for (const run of runs) {
      assert.deepEqual(run.rules, [ruleName]);
      assert.deepEqual(run.plan_hashes, [versions[0].plan_hash]);
      const { read, accepted, late, rejected } = JSON.parse(String(run.counters)) as Record<string, number>;
      assert.ok(read >= 6 && accepted >= 3 && late === 1 && rejected === 1, String(run.counters));
      assert.ok(run.ended_at !== null && Number(run.log_to) > 6);
    }
    const since = JSON.parse(String(runs[2].parameters)) as { since: string | null };
    assert.ok(since.since !== null && runs[2].range_from !== null);
    const [started] = await rows("SELECT target, outcome FROM audit WHERE action = 'run.start'");
    assert.deepEqual([started.target, started.outcome], [runs[1].id, 'done']);
  });
});
