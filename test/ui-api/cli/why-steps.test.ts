import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addWhyCommand } from '../../../ui-api/cli/why.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const files = {
  'rules/own/steps.rule.sql': `CREATE RULE steps AS
WITH bursts AS (SELECT account_id, count(*) AS n FROM fails GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING n >= 2)
SELECT account_id, max(n) AS most FROM bursts GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING most >= 3;
CREATE TABLE per_hour AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;
CREATE RULE either AS
SELECT account_id FROM events WHERE event_type = 'logout'
UNION ALL
SELECT account_id FROM events WHERE event_type = 'password_reset';`,
  'rules/own/steps.test.yaml': `- test: three in a burst
  events:
    - { at: 0s, event: { event_type: logout, account_id: b } }
    - { every: 10s, times: 3, event: { event_type: login, result: fail, account_id: a } }
  expect:
    - { rule: either, at: 0s, account_id: b }
    - { rule: steps, at: 20s, account_id: a }
`,
  'rules/own/fails.view.sql':
    "CREATE VIEW fails AS SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail';",
  'rules/own/untested.rule.sql': "CREATE RULE untested AS SELECT account_id FROM events WHERE event_type = 'follow';",
};
const signs = `CREATE VIEW signs AS SELECT account_id FROM events UNION ALL
SELECT account_id FROM events WHERE event_type = 'logout';`;
type Context = Parameters<typeof ruleFolder>[0];
const ask = (context: Context, ...args: string[]) =>
  runCli(addWhyCommand, ruleFolder(context, files), 'why', ...args, '--utc');

test('a step, a view of another file, a table and a SELECT of a UNION ALL have the tests of what reads them or stands beside', async (context) => {
  const named = ['--test', 'three…'];
  const step = await ask(context, 'steps.bursts', ...named);
  assert.match(step.stdout, /^steps\.bursts, plan [0-9a-f]{16}: a, the 5 minutes up to 20s\n/);
  assert.match(step.stdout, /count\(\*\) >= 2 +3 \/ 2\n {2}gives a row here: HAVING is true\n/);
  const view = await ask(context, 'fails', ...named);
  assert.match(view.stdout, /auth\.result = 'fail' +fail +true\n {2}gives a row here: WHERE is true\n/);
  const table = await ask(context, 'per_hour', ...named, '--at', 'a');
  assert.match(
    table.stdout,
    /a, the tumbling window from 0s up to 1h\n {4}events of the key +3\n {2}the window gives a/,
  );
  const select = await ask(context, 'either (2)', ...named);
  assert.match(
    select.stdout,
    /event_type = 'password_reset' +logout +← not true\n {2}gives no row: WHERE was not true\n/,
  );
});

test('a view of several SELECTs says what each of them made of an event, and has the tests of what reads it', async (context) => {
  const folder = ruleFolder(context, {
    ...files,
    'rules/own/signs.view.sql': signs,
    'rules/own/signed.rule.sql': 'CREATE RULE signed AS SELECT account_id FROM signs;',
    'rules/own/signed.test.yaml': `- test: by whom
  events: [{ at: 0s, event: { event_type: follow, account_id: c } }]
  expect: [{ rule: signed, at: 0s, account_id: c }]
`,
  });
  const { code, stdout, stderr } = await runCli(
    addWhyCommand,
    folder,
    'why',
    'signs',
    '--test',
    'by whom',
    '--at',
    'c',
  );
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^signs, plan [0-9a-f]{16}: one event, at 0s\n {4}signs \(1\) .*gives the row\n {4}signs \(2\) .*← gives none\n/,
  );
});

test('a rule without a test is told so; of a view the tests that there are', async (context) => {
  const none = await ask(context, 'untested', '--test', 'any');
  assert.deepEqual([none.code, none.stdout], [2, '']);
  assert.match(none.stderr, /no test is about untested\n {2}hint: ask with --from FILE or --from log/);
  const other = await ask(context, 'fails', '--test', 'thirty');
  assert.match(other.stderr, /there is no test with fails named thirty\n {2}hint: there are: three in a burst/);
});
