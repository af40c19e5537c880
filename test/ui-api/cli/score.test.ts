import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addScoreCommand } from '../../../ui-api/cli/score.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const rule = (
  name: string,
  confidence: number,
  type: string,
) => `CREATE RULE ${name} SEVERITY high CONFIDENCE ${confidence} AS
SELECT account_id, count(*) AS n FROM events WHERE event_type = '${type}'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 10;
`;
const files = { 'guess.rule.sql': rule('guess', 0.9, 'login'), 'busy.rule.sql': rule('busy', 0.9, 'token_refreshed') };
const args = ['--scenarios', 'account-guessing', '--seeds', '1', '--rate', '400'];

test('a rule whose claim holds passes; the figures come as JSON and as a table', async (context) => {
  const folder = ruleFolder(context, files);
  const { code, stdout } = await runCli(
    addScoreCommand,
    folder,
    'score',
    'guess.rule.sql',
    ...args,
    '--format',
    'json',
  );
  const { scenarios, rules, failures } = JSON.parse(stdout);
  assert.deepEqual([code, failures], [0, []]);
  const [{ scenario, attacks, found, in_time, verdict }] = scenarios;
  assert.deepEqual([scenario, attacks, found, in_time, verdict], ['account-guessing', 6, 6, 6, 'found']);
  assert.deepEqual([rules[0].detections, rules[0].right], [6, 6]);
  const table = await runCli(addScoreCommand, folder, 'score', 'guess.rule.sql', ...args);
  assert.match(table.stdout, /account-guessing +found +6 +6 +6 [\s\S]*guess +6 +6 +1\.000 +0\.9/);
});

test('a claim above what was observed fails, and --must-find fails for what was missed', async (context) => {
  const folder = ruleFolder(context, {
    ...files,
    'busy.rule.sql': rule('busy', 0.9, 'token_refreshed').replace('>= 10', '>= 2'),
  });
  const claimed = await runCli(addScoreCommand, folder, 'score', 'busy.rule.sql', ...args);
  assert.equal(claimed.code, 1);
  assert.match(claimed.stderr, /busy states CONFIDENCE 0\.9, but 0 of \d+ were right \(0\.000\)/);
  const missed = await runCli(
    addScoreCommand,
    folder,
    'score',
    'busy.rule.sql',
    ...args,
    '--must-find',
    '--format',
    'junit',
  );
  assert.equal(missed.code, 1);
  assert.match(missed.stdout, /<testsuites name="weir score" tests="2" failures="2">/);
  assert.match(missed.stdout, /account-guessing: 0 of 6 attacks were found within 15 m/);
  const wrong = await runCli(addScoreCommand, folder, 'score', 'busy.rule.sql', '--scenarios', 'sprey');
  assert.equal(wrong.code, 2);
});
