import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addBacktestCommand } from '../../../ui-api/cli/backtest.ts';
import { addExplainCommand } from '../../../ui-api/cli/explain.ts';
import { addWhyCommand } from '../../../ui-api/cli/why.ts';
import { ruleFolder, smallPack } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

type Context = Parameters<typeof ruleFolder>[0];
const never = "CREATE RULE never AS SELECT account_id FROM events WHERE event_type = 'a' AND event_type = 'b';\n";
const broken = {
  'rules/auth/wrong.rule.sql': `CREATE RULE wrong AS SELECT acount_id FROM events WHERE nothing = 1;
${never}CREATE RULE unread AS SELECT account_id FROM events WHERE;
CREATE LOOKUP gone (account_id string PRIMARY KEY) WITH (source = 'gone.csv');
CREATE RULE of_gone AS SELECT account_id FROM events WHERE account_id IN LOOKUP gone;`,
};
const why = (context: Context, files: Record<string, string>, rule: string) =>
  runCli(addWhyCommand, ruleFolder(context, { ...smallPack, ...files }), 'why', rule, '--test', 'three fire');
const explain = (context: Context, files: Record<string, string>, rule: string) =>
  runCli(addExplainCommand, ruleFolder(context, { ...smallPack, ...files }), 'explain', rule, '--format', 'table');

test('a question about a rule is answered beside others that do not compile; of those a line says how many', async (context) => {
  const asked = await why(context, broken, 'guess');
  assert.equal(asked.code, 0);
  assert.match(asked.stdout, /fired at 20s/);
  assert.equal(asked.stderr, 'note: 2 other statements do not compile: see weir check\n');
  const explained = await explain(context, broken, 'guess');
  assert.equal(explained.code, 0);
  assert.match(explained.stdout, /^guess {2}rule, plan/);
  assert.equal(explained.stderr, asked.stderr);
});

test('the warnings of the rule itself are told, those of others are not', async (context) => {
  const { stderr } = await why(context, { 'rules/auth/never.rule.sql': never }, 'guess');
  assert.equal(stderr, '');
  const own = await why(context, { 'rules/auth/never.rule.sql': never }, 'never');
  assert.match(own.stderr, /^warning\[W0302\]: this rule can never fire\n/);
});

test('a name that no statement has is told with the nearest one, also beside what does not compile', async (context) => {
  const { code, stderr } = await why(context, broken, 'gues');
  assert.equal(code, 2);
  assert.match(stderr, /^error: there is no rule or view gues\n {2}hint: did you mean guess\?\n$/);
});

test('a backtest leaves warnings to weir check, in one line', async (context) => {
  const folder = ruleFolder(context, { ...smallPack, 'rules/auth/never.rule.sql': never, 'events.ndjson': '' });
  const { code, stderr } = await runCli(addBacktestCommand, folder, 'backtest', 'rules', '--from', 'events.ndjson');
  assert.equal(code, 0);
  assert.match(stderr, /^1 warning: see weir check\n/);
  assert.doesNotMatch(stderr, /W0302/);
});

test('what the rule depends on must be right: itself, its stream, its exceptions and TUNEs, its lookups', async (context) => {
  const cases: [Record<string, string>, string, RegExp][] = [
    [broken, 'wrong', /error\[W0107\]: events has no field `acount_id`/],
    [broken, 'of_gone', /gone\.csv[\s\S]*1 error in the lookups/],
    [{ 'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 5;' }, 'guess', /error\[W\d{4}\]/],
    [
      { 'rules/auth/x.exception.sql': "CREATE EXCEPTION x FOR guess IGNORE WHERE nothing = 1 BECAUSE 'b';" },
      'guess',
      /`nothing`[\s\S]*1 error in the rules/,
    ],
    [{ 'rules/auth/x.exception.sql': 'CREATE EXCEPTION x FOR guess IGNORE WHERE' }, 'guess', /error\[W\d{4}\]/],
    [
      { 'rules/auth/x.tune.sql': "TUNE guess WHERE tenant_id = 't' SET n = 2 BECAUSE 'b';" },
      'guess',
      /error\[W\d{4}\]/,
    ],
  ];
  for (const [files, rule, message] of cases) {
    const { code, stdout, stderr } = await why(context, files, rule);
    assert.deepEqual([code, stdout], [1, ''], `${rule}: ${JSON.stringify(files)}\n${stderr}`);
    assert.match(stderr, message);
  }
});
