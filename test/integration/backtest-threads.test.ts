import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LogReader } from '../../connectors/index.ts';
import { buildProgram, compile, type ProgramPlan } from '../../dsl/index.ts';
import { type Program, partsOf } from '../../engine/index.ts';
import { LogColumns } from '../../ui-api/cli/log-columns.ts';
import { LogHistory } from '../../ui-api/cli/log-history.ts';
import { idleProcessors, sharedOut } from '../../ui-api/cli/part-sample.ts';
import { PartsBacktest } from '../../ui-api/cli/part-threads.ts';
import { type World, worldOf } from './column-folder-world.ts';
import { declaredRules, settings, start_ms } from './column-world.ts';

const iso = (ms: number) => new Date(start_ms + ms).toISOString();

/** Beside those that are declared: what adds up over rules, what is told again later, what is counted and not shown, what fails. */
const rules = `${declaredRules}
CREATE RULE spread AS SELECT actor.ip AS ip, count(DISTINCT account_id) AS n FROM events WHERE event_type = 'login'
  GROUP BY actor.ip WINDOW SLIDING 20 SECONDS HAVING n >= 2 RISK 10 ON ip ip HALF LIFE 1 HOUR;
CREATE RULE outs AS SELECT actor.ip AS ip FROM events WHERE event_type = 'logout'
  SUPPRESS BY actor.ip FOR 5 SECONDS RISK 5 ON ip ip HALF LIFE 1 HOUR;
CREATE RULE grows AS SELECT session_id, count(*) AS n FROM events GROUP BY session_id WINDOW SLIDING 30 SECONDS
  HAVING n >= 2 ESCALATE WHEN n >= 4 TO high UPDATE AT END CLOSE AFTER 10 SECONDS QUIET;
CREATE RULE counted MODE signal AS SELECT account_id FROM events WHERE result = 'fail';
CREATE RULE wrong AS SELECT account_id FROM events WHERE session_id::int > 3 OR geo.city::int > 1;
CREATE RULE too AS SELECT actor.ip, count(*) AS n FROM events WHERE account_id::int = 1
  GROUP BY actor.ip WINDOW TUMBLING 1 SECONDS HAVING n >= 1;
CREATE EXCEPTION office FOR outs IGNORE WHERE actor.ip IN LOOKUP corp BECAUSE 'the office';
CREATE EXCEPTION few FOR spread MUTE WHERE n = 2 BECAUSE 'so few';`;

async function worldWith(t: TestContext, seed: number, restarts = false): Promise<World> {
  const made = await worldOf(t, seed, 250, { without_id: 0, restarts });
  made.say(settings[0], rules);
  await made.afresh();
  return made;
}

const withThreads = (one: World, threads: number, way: readonly string[]) => {
  return one.backtest(...way, '--threads', String(threads));
};

test('several threads say what one says, in its order: detections, tables, letters and the summary', async (t) => {
  let detections = 0;
  const ways = [[], ['--until', iso(40_000), '--lookups', 'latest'], ['--format', 'table', '--utc']];
  for (const [seed, threads, asked] of [
    [11, 3, ways],
    [12, 2, ways.slice(0, 1)],
  ] as const) {
    const world = await worldWith(t, seed, seed === 12);
    for (const way of asked) {
      const one = await withThreads(world, 1, way);
      assert.doesNotMatch(one.notes, /threads/);
      const several = await withThreads(world, threads, way);
      assert.equal(JSON.stringify(several.said), JSON.stringify(one.said), `seed ${seed}, ${way.join(' ')}`);
      assert.match(several.notes, new RegExp(`judged by ${threads} threads, each with some of the rules`));
      assert.match(JSON.stringify(one.said.summary), /failed_values":\{"too":\{"account_id::int":\d+\},"wrong":\{"geo/);
      detections += one.said.stdout.split('\n').length;
    }
    if (seed === 12) continue;
    const since = await withThreads(world, threads, ['--since', iso(30_000)]);
    assert.doesNotMatch(since.notes, /threads/, 'what is read of the log depends on all rules');
  }
  assert.ok(detections > 300, `${detections} detections`);
});

/** What several threads are given of a world's log. */
async function jobOf(world: World, text = rules) {
  const { plan } = compile([{ path: 'a.rule.sql', text: [settings[0], text].join('\n') }]);
  assert.ok(plan !== null);
  const program = buildProgram(plan);
  const data = join(world.folder, 'var');
  const columns = await LogColumns.open({ data }, program);
  const reader = new LogReader(world.log);
  const history = await LogHistory.read((until, from = 0) => reader.readBatches(from, until), program, columns.known);
  const { end_position, watermark_ms } = history;
  const verdicts = history.codesOf(columns.end_position, end_position);
  const log = { watermark_ms, columns_end: columns.end_position, end_position, verdicts };
  const lookups = { contents: [], mode: 'recorded' as const };
  return {
    program,
    columns,
    job: { ...{ plan: plan as ProgramPlan, data, lookups, log }, options: { until_ms: null } },
  };
}

const silent = { on_letter: () => undefined, recorded: () => undefined };
const inParts = (program: Program) => partsOf(program, 3, new Map());

/** So many of them wait that each thread waits for the others, and for the reader, again and again. */
const narrow = { most_ahead: 2, most_waiting: 3 };

test('threads wait for each other and for a slow reader, and all that they say comes', {
  timeout: 120_000,
}, async (t) => {
  const { program, job } = await jobOf(await worldWith(t, 11));
  const read = async (batch_rows: number, flow: typeof narrow | undefined, pause_ms: number): Promise<string> => {
    const given = { ...job, options: { ...job.options, batch_rows } };
    const run = new PartsBacktest(program, inParts(program), given, silent, flow);
    const lines: string[] = [];
    for await (const detections of run.finish()) {
      lines.push(...detections.map(({ record }) => String(record)));
      // Everything that is left is said meanwhile, and nobody says more.
      if (pause_ms > 0) await wait(pause_ms);
    }
    assert.equal(run.facts().notes.length, 1);
    return lines.join('\n');
  };
  const all = await read(8192, undefined, 0);
  assert.ok(all.split('\n').length > 200);
  assert.equal(await read(8192, undefined, 3000), all);
  assert.equal(await read(1, narrow, 2), all);
});

test('threads do not run ahead of a reader who stands still', { timeout: 60_000 }, async (t) => {
  const { program, job } = await jobOf(await worldWith(t, 11));
  let reached_ms = Number.NEGATIVE_INFINITY;
  const on_reached = (all_ms: number): void => {
    reached_ms = all_ms;
  };
  const given = { ...job, options: { ...job.options, batch_rows: 1 } };
  const run = new PartsBacktest(program, inParts(program), given, { ...silent, on_reached }, narrow);
  const found = run.finish();
  assert.equal((await found.next()).done, false);
  await wait(1500);
  const still_ms = reached_ms;
  for await (const _ of found);
  assert.ok(still_ms < reached_ms - 20_000, `${still_ms} of ${reached_ms}`);
});

test('rows of tables leave a thread as they come, also where no rule finds anything', async (t) => {
  const quiet = `CREATE TABLE failures AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail'
    GROUP BY account_id WINDOW TUMBLING 1 SECONDS;
  CREATE RULE never AS SELECT account_id FROM events WHERE event_type = 'none';`;
  const { program, job } = await jobOf(await worldWith(t, 11), quiet);
  const told: ('row' | 'reached')[] = [];
  const listener = { ...silent, on_table_row: () => told.push('row'), on_reached: () => told.push('reached') };
  const given = { ...job, options: { ...job.options, batch_rows: 1 } };
  const run = new PartsBacktest(program, partsOf(program, 2, new Map()), given, listener);
  for await (const detections of run.finish()) assert.equal(detections.length, 0);
  const rows = told.filter((one) => one === 'row').length;
  assert.ok(
    rows > 20 && told.indexOf('row') < told.length / 2,
    `${rows} rows, the first behind ${told.indexOf('row')}`,
  );
});

test('a thread that cannot go on ends the backtest with its reason, and the others with it', async (t) => {
  const world = await worldWith(t, 11);
  const { program, job } = await jobOf(world);
  const reading = async (run: PartsBacktest): Promise<void> => {
    for await (const _ of run.finish());
  };
  const gone = { ...job, log: { ...job.log, columns_end: job.log.columns_end + 1 } };
  const lost = new PartsBacktest(program, inParts(program), gone, silent);
  await assert.rejects(
    reading(lost),
    /columns of the log that were there when this run began are gone: start it again/,
  );
  // The others wait, for nobody takes what they say.
  const full = { ...silent, on_table_row: () => assert.fail('no room for a row') };
  const unwritable = new PartsBacktest(program, inParts(program), job, full, narrow);
  await assert.rejects(reading(unwritable), /no room for a row/);
});

test('threads are taken where nobody asks for them if there are many events, and rules that take many rows', async (t) => {
  const { program, columns, job } = await jobOf(await worldWith(t, 11));
  const shared = (threads: number | null, least: { events: number; rows_per_event: number }, until_ms = Infinity) => {
    return sharedOut(program, columns.prefix, { lookups: job.lookups, threads, until_ms }, least, () => 2).length;
  };
  const events = columns.prefix.reduce((sum, segment) => sum + segment.events.count, 0);
  assert.ok(events > 100);
  assert.ok(shared(null, { events, rows_per_event: 1 }) >= 2);
  assert.equal(shared(null, { events: events + 1, rows_per_event: 1 }), 0);
  assert.equal(shared(null, { events, rows_per_event: 100 }), 0);
  assert.equal(shared(null, { events, rows_per_event: 1 }, start_ms + 10_000), 0, 'what is behind --until is not read');
  assert.equal(shared(3, { events: events + 1, rows_per_event: 100 }), 3);
  assert.equal(shared(1, { events: 0, rows_per_event: 0 }), 0);
  const idle = [0.4, 2.6, 7.7, 30].map((load) => idleProcessors(8, [load, 0, 0]));
  assert.deepEqual(idle, [8, 5, 1, 1]);
});
