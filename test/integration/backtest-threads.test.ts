import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildProgram, compile } from '../../dsl/index.ts';
import { partsOf } from '../../engine/index.ts';
import { PartsBacktest } from '../../ui-api/cli/part-threads.ts';
import { type World, worldOf } from './column-folder-world.ts';
import { declaredRules, settings, start_ms } from './column-world.ts';

const iso = (ms: number) => new Date(start_ms + ms).toISOString();

/** Beside those that are declared: what adds up over rules, what is told again later, and what is counted and not shown. */
const rules = `${declaredRules}
CREATE RULE spread AS SELECT actor.ip AS ip, count(DISTINCT account_id) AS n FROM events WHERE event_type = 'login'
  GROUP BY actor.ip WINDOW SLIDING 20 SECONDS HAVING n >= 2 RISK 10 ON ip ip HALF LIFE 1 HOUR;
CREATE RULE outs AS SELECT actor.ip AS ip FROM events WHERE event_type = 'logout'
  SUPPRESS BY actor.ip FOR 5 SECONDS RISK 5 ON ip ip HALF LIFE 1 HOUR;
CREATE RULE grows AS SELECT session_id, count(*) AS n FROM events GROUP BY session_id WINDOW SLIDING 30 SECONDS
  HAVING n >= 2 ESCALATE WHEN n >= 4 TO high UPDATE AT END CLOSE AFTER 10 SECONDS QUIET;
CREATE RULE counted MODE signal AS SELECT account_id FROM events WHERE result = 'fail';
CREATE EXCEPTION office FOR outs IGNORE WHERE actor.ip IN LOOKUP corp BECAUSE 'the office';
CREATE EXCEPTION few FOR spread MUTE WHERE n = 2 BECAUSE 'so few';`;

async function world(t: Parameters<typeof worldOf>[0], seed: number, how = { without_id: 0, restarts: false }) {
  const made = await worldOf(t, seed, 250, how);
  made.say(settings[0], rules);
  return made;
}

/** With notes of threads, which several give and one does not. */
async function withThreads(one: World, threads: number, way: readonly string[]) {
  return await one.backtest(...way, '--threads', String(threads));
}

test('several threads say what one says, in its order: detections, tables, letters and the summary', async (t) => {
  let detections = 0;
  for (let seed = 11; seed <= 12; seed++) {
    const log = await world(t, seed, { without_id: 0, restarts: seed === 12 });
    await log.afresh();
    const ways = [[], ['--since', iso(30_000)], ['--until', iso(40_000)], ['--lookups', 'latest']];
    for (const way of ways) {
      const one = await withThreads(log, 1, way);
      assert.doesNotMatch(one.notes, /threads/);
      for (const threads of seed === 11 ? [3] : [2]) {
        const several = await withThreads(log, threads, way);
        assert.deepEqual(several.said, one.said, `seed ${seed}, ${threads} threads, ${way.join(' ')}`);
        assert.match(several.notes, new RegExp(`judged by ${threads} threads, each with some of the rules`));
      }
      detections += one.said.stdout.split('\n').length;
    }
    const table = await withThreads(log, 2, ['--format', 'table', '--utc']);
    assert.equal(table.said.stdout, (await withThreads(log, 1, ['--format', 'table', '--utc'])).said.stdout);
  }
  assert.ok(detections > 300, `${detections} detections`);
});

test('a thread that cannot go on ends the backtest with its reason, and the others with it', async (t) => {
  const log = await world(t, 11);
  await log.afresh();
  const { plan } = compile([{ path: 'a.rule.sql', text: [settings[0], rules].join('\n') }]);
  assert.ok(plan !== null);
  const program = buildProgram(plan);
  const options = { since_ms: null, until_ms: null, late_include: false };
  const job = {
    ...{ plan, data: join(log.folder, 'var'), options, lookups: { contents: [], mode: 'recorded' as const } },
    log: { watermark_ms: 0, columns_end: 3, end_position: 3, verdicts: new Uint8Array(0) },
  };
  const run = new PartsBacktest(program, partsOf(program, 2, new Map()), job, {
    ...options,
    on_letter: () => undefined,
  });
  const reading = (async () => {
    for await (const _ of run.finish());
  })();
  await assert.rejects(reading, /columns of the log that were there when this run began are gone: start it again/);
});
