import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { buildProgram as buildRules, compile, loadRuleFiles } from '../../dsl/index.ts';
import type { Shell } from '../../ui-api/cli/command.ts';
import { Output } from '../../ui-api/cli/output.ts';
import { buildProgram } from '../../ui-api/cli/program.ts';
import { exitCodeOf, reportError } from '../../ui-api/cli/report-error.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';
import { TestWeir } from './test-weir.ts';

const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;
const start_ms = Date.parse('2026-01-05T10:00:00Z');
const hostile = 'o\'brien \\ "x"; DROP TABLE events --';

const rules = {
  'events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;',
  'three.rule.sql': `CREATE RULE three TITLE 'Three of {account_id}' SEVERITY high ATTACK 'T1110', 'T1078' AS
    SELECT account_id, count(*) AS n, max(net.asn) AS asn FROM events
    GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING n >= 3 ENTITY account account_id RISK 10 ON account account_id HALF LIFE 24 HOURS;`,
  'hour.view.sql': `CREATE TABLE hour AS SELECT account_id, count(*) AS n FROM events
    GROUP BY account_id WINDOW TUMBLING 1 HOUR;`,
};

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('what happened, in SQL', () => {
  let folder: string;
  let weir: TestWeir;

  /** A command in this process: dozens of them, each of which would cost a start of its own. */
  async function run(...args: string[]): Promise<Result> {
    const texts = { stdout: '', stderr: '' };
    const outputOf = (name: keyof typeof texts): Output => {
      const write = (chunk: Buffer, _: string, done: () => void): void => {
        texts[name] += chunk.toString();
        done();
      };
      return new Output(new Writable({ write }), {}, false);
    };
    const [stdout, stderr] = [outputOf('stdout'), outputOf('stderr')];
    const shell: Shell = { stdout, stderr, stdin: process.stdin, environment: {}, folder, now_ms: () => Date.now() };
    let code = 0;
    try {
      const all = [process.execPath, entry, ...args, '--data', weir.data];
      await buildProgram(shell, (finished) => (code = finished)).parseAsync(all);
    } catch (error) {
      code = exitCodeOf(error);
      reportError(error, shell);
    }
    await stdout.flushed();
    await stderr.flushed();
    return { code, ...texts };
  }

  async function rows(statement: string, ...more: string[]): Promise<Record<string, unknown>[]> {
    const { code, stdout, stderr } = await run('sql', statement, '--format', 'json', ...more);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  async function filled(): Promise<void> {
    const give_up_ms = performance.now() + 180_000;
    for (;;) {
      const { store } = weir.weir.status();
      if (store?.state === 'up' && store.behind === 0) return;
      assert.ok(performance.now() < give_up_ms, JSON.stringify(store));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const line = (account_id: string, at_ms: number, more = {}) =>
    JSON.stringify({ account_id, timestamp: start_ms + at_ms, platform: 'inhouse', event_type: 'login', ...more });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-store-'));
    mkdirSync(join(folder, 'rules'));
    for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, 'rules', name), text);
    const { plan, diagnostics } = compile(loadRuleFiles(diskReader(folder), ['rules']).rules);
    assert.ok(plan, JSON.stringify(diagnostics));
    weir = new TestWeir(buildRules(plan), folder, start_ms + 60_000, true);
    await weir.start();
    const ip = { actor: { ip: '198.51.100.7' }, device: { id: 'd1' }, net: { asn: 4_294_967_303 } };
    await weir.post(
      [0, 1000, 2000].map((at) => line(hostile, at, ip)),
      'p0',
    );
    await weir.post([line('bob', 3000, { event_id: 'b' }), line('bob', 3000, { event_id: 'b', result: 'fail' })], 'p0');
    await weir.post([line('bob', 3500, { event_type: 'account_changed', change: { field: 'email' } })], 'p0');
    await weir.quiet();
    await weir.post([line('late', 10), '{"broken', JSON.stringify({ account_id: 'a' })], 'p0').catch(() => undefined);
    await weir.post(
      [line('carl', weir.now_ms - start_ms), line(hostile, 86_400_000, { event_type: 'password_reset' })],
      'p1',
    );
    // Not quiet: the last ones wait for the watermark.
    await filled();
  });
  after(async () => {
    await weir.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every record is in the table of its verdict, as it came and normalised; numbers beyond 32 bits stay', async () => {
    const [{ n, raws, asn, ids }] = await rows(
      'SELECT count() AS n, uniqExact(raw) AS raws, max(net_asn) AS asn, groupArray(event_id) AS ids FROM events WHERE account_id = {a:String}',
      ...['--param', `a=${hostile}`],
    );
    assert.deepEqual([n, raws, asn], [3, 3, 4_294_967_303]);
    for (const id of ids as string[]) assert.match(id, /^[0-9a-f]{16}~1$/, 'the id that evidence has');
    const [sums] = await rows(
      'SELECT sum(read) AS read, sum(duplicate) AS duplicate, sum(rejected) AS rejected, sum(late) AS late FROM late_and_rejected',
    );
    const { counters } = weir.weir.status();
    assert.deepEqual(sums, {
      read: counters.read - weir.weir.status().pending,
      duplicate: counters.duplicate,
      rejected: counters.rejected,
      late: counters.late,
    });
    assert.ok(counters.late > 0 && counters.rejected > 0 && counters.duplicate > 0, JSON.stringify(counters));
  });

  test('alerts with their evidence, risk, and the rows of tables under their own names', async () => {
    const alerts = await rows('SELECT id, title, entity_id, severity FROM alerts_now');
    assert.deepEqual(
      alerts.map(({ title, entity_id }) => [title, entity_id]),
      [[`Three of ${hostile}`, hostile]],
    );
    const param = ['--param', `alert=${alerts[0].id}`];
    const events = await rows('SELECT event_id, account_id FROM alert_events(alert = {alert:String})', ...param);
    assert.deepEqual(
      events.map(({ account_id }) => account_id),
      [hostile, hostile, hostile],
    );
    assert.deepEqual(await rows('SELECT technique, alerts FROM alerts_by_technique ORDER BY technique'), [
      { technique: 'T1078', alerts: 1 },
      { technique: 'T1110', alerts: 1 },
    ]);
    assert.deepEqual(await rows('SELECT entity_id, added, score FROM risk'), [
      { entity_id: hostile, added: 10, score: 10 },
    ]);
    assert.deepEqual(await rows('SELECT account_id, n FROM aggregates_hour ORDER BY account_id'), [
      { account_id: 'bob', n: 2 },
      { account_id: hostile, n: 3 },
    ]);
  });

  test('timelines of an account, an address and a device have the events and the alert', async () => {
    const kinds = (timeline: Record<string, unknown>[]) => timeline.map(({ kind }) => kind).join(' ');
    const expected = 'event event event alert';
    const at = "WHERE at < toDateTime64('2026-01-05 12:00:00', 3, 'UTC')";
    assert.equal(
      kinds(await rows(`SELECT kind FROM account_timeline(account = {a:String}) ${at}`, '--param', `a=${hostile}`)),
      expected,
    );
    assert.equal(kinds(await rows("SELECT kind FROM address_timeline(address = '198.51.100.7')")), expected);
    assert.equal(kinds(await rows("SELECT kind FROM device_timeline(device = 'd1')")), expected);
  });

  test('table, ndjson, csv and parquet; a note where there is more than was asked for', async () => {
    const statement = 'SELECT number AS n, \'a,\n"b"\' AS s FROM numbers(5)';
    const csv = await run('sql', statement, '--format', 'csv', '--rows', '2');
    assert.equal(csv.stdout, '"n","s"\n0,"a,\n""b"""\n1,"a,\n""b"""\n');
    assert.match(csv.stderr, /there are more than these 2 rows/);
    const table = await run('sql', "SELECT 1 AS one, '\u001b[2J' AS s", '--format', 'table');
    assert.equal(table.stdout, '  one   s\n    1   \\u{1b}[2J\n  1 row\n');
    const ndjson = await run('sql', 'SELECT toUInt64(18446744073709551615) AS n;');
    assert.equal(ndjson.stdout, '{"n":"18446744073709551615"}\n');
    const json = await run(
      'sql',
      'SELECT count() AS n, min(-9007199254740993) AS least FROM numbers(5)',
      '--format',
      'json',
    );
    assert.deepEqual(JSON.parse(json.stdout), [{ n: 5, least: '-9007199254740993' }]);
    await run('sql', 'SELECT account_id, raw FROM events', '--format', 'parquet', '--out', 'events.parquet');
    assert.equal(readFileSync(join(folder, 'events.parquet')).subarray(0, 4).toString(), 'PAR1');
    const nowhere = await run('sql', 'SELECT 1', '--out', 'none/x.csv');
    assert.equal(nowhere.code, 2);
    assert.match(
      nowhere.stderr,
      /--out none\/x\.csv cannot be written: ENOENT.*\n {2}hint: give --out a file in a folder/,
    );
  });

  test('it reads only, one statement at a time, and says in ClickHouse’s words what is wrong', async () => {
    const cases: [string, RegExp][] = [
      ['DROP TABLE events', /read only/],
      ['INSERT INTO events SELECT * FROM events', /read only/],
      ["SELECT * FROM file('/etc/passwd', 'LineAsString')", /read only/],
      ["SELECT 1 INTO OUTFILE 'x'", /not allowed/],
      ['SELECT 1; SELECT 2', /one statement at a time/],
      ['SELECT nope FROM events', /nope.*UNKNOWN_IDENTIFIER/],
    ];
    for (const [statement, expected] of cases) {
      const { code, stdout, stderr } = await run('sql', statement);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  });

  test('backtest --from store finds what --from log finds, with the same figures', async () => {
    await weir.stop();
    for (const more of [[], ['--late', 'include'], ['--as-arrived']]) {
      const results: unknown[] = [];
      for (const from of ['log', 'store']) {
        const summary = join(folder, `${from}.json`);
        const tables = join(folder, `${from}.ndjson`);
        const args = ['backtest', 'rules', '--from', from, '--summary', summary, '--tables', tables, ...more];
        const { code, stdout, stderr } = await run(...args);
        assert.equal(code, 0, stderr);
        const { source, format, notes, elapsed_ms, ...others } = JSON.parse(readFileSync(summary, 'utf8'));
        const { events_per_second, ...figures } = others;
        assert.equal(
          notes.some((note: string) => note.includes('the store')),
          from === 'store',
        );
        assert.ok(elapsed_ms >= 0 && events_per_second >= 0);
        assert.deepEqual([source, format], [from, from]);
        results.push({ stdout, figures, tables: readFileSync(tables, 'utf8') });
      }
      assert.deepEqual(results[1], results[0]);
      assert.match((results[0] as { stdout: string }).stdout, /"rule":"three"/);
    }
  });
});
