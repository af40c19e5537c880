import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSweepCommand } from '../../../ui-api/cli/sweep.ts';
import { sweepValues } from '../../../ui-api/score/sweep-values.ts';
import { closestNames } from '../../../ui-api/suggest.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const rule = `CREATE RULE guess SEVERITY high CONFIDENCE 0.9 PARAM least int = 12 IN 2 TO 100 PARAM ips int = 1 IN 1 TO 1 AS
SELECT account_id, count(*) AS n, count(DISTINCT actor.ip) AS seen FROM events WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= :least AND seen >= :ips;
`;

test('values around the own one, inside the range; fractions for a float; nothing for a text', () => {
  const param = { name: 'n', type: 'int' as const, value: 10, least: 3, greatest: 30 };
  assert.deepEqual(sweepValues(param), [3, 5, 8, 10, 15, 20, 30]);
  assert.deepEqual(
    sweepValues({ ...param, type: 'float', value: 0.5, least: 0, greatest: 1 }),
    [0.125, 0.25, 0.375, 0.5, 0.75, 1],
  );
  assert.deepEqual(sweepValues({ ...param, value: 'x' }), []);
});

test('a higher threshold finds later and less; the own value is marked; each value is judged on the same events', async (context) => {
  const folder = ruleFolder(context, { 'guess.rule.sql': rule });
  const args = ['sweep', 'guess', '.', '--scenarios', 'account-guessing', '--seeds', '1', '--rate', '200'];
  const { code, stdout, stderr } = await runCli(
    addSweepCommand,
    folder,
    ...args,
    '--param',
    'least',
    '--values',
    '5,12,65',
    '--format',
    'json',
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /3 values to try on 1 scenario with 1 seed each: some \d+ events, read once for each value/);
  const rows = JSON.parse(stdout) as {
    value: number;
    is_own: boolean;
    score: { recall: number | null; p50_ms: number; right: number };
  }[];
  assert.deepEqual(
    rows.map(({ value, is_own }) => [value, is_own]),
    [
      [5, false],
      [12, true],
      [65, false],
    ],
  );
  assert.deepEqual(
    rows.slice(0, 2).map(({ score }) => score.right),
    [6, 6],
  );
  assert.ok(rows[0].score.p50_ms < rows[1].score.p50_ms && (rows[2].score.right ?? 0) < 6);
  const table = await runCli(addSweepCommand, folder, ...args);
  assert.match(table.stdout, /least +3 [\s\S]*least +12 \*[\s\S]*ips +1 \*/);
});

test('a rule or a parameter that is not there, and a value outside of its range, are told', async (context) => {
  const folder = ruleFolder(context, { 'guess.rule.sql': rule });
  const refused = async (...args: string[]) => {
    const { code, stderr } = await runCli(addSweepCommand, folder, 'sweep', ...args);
    assert.equal(code, 2);
    return stderr;
  };
  assert.match(await refused('gess', '.'), /there is no rule gess[\s\S]*did you mean guess\?/);
  assert.match(await refused('nothing', '.'), /there is no rule nothing\n {2}hint: rules: guess\n/);
  assert.deepEqual(closestNames('acount', ['flag_wave', 'account_guessing']), ['account_guessing']);
  assert.match(await refused('guess', '.', '--param', 'most'), /guess has no PARAM most[\s\S]*it has: least, ips/);
  assert.match(await refused('guess', '.', '--param', 'least', '--values', '500'), /least = 500 does not fit/);
  assert.match(await refused('guess', '.', '--values', '5'), /--values are of one parameter/);
});
