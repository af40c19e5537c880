import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregateNames } from '../../../dsl/check/aggregates.ts';
import { aggregateHelp } from '../../../dsl/functions/aggregate-help.ts';
import { reference } from '../../../dsl/index.ts';
import { addFunctionsCommand } from '../../../ui-api/cli/functions.ts';
import { find } from '../../engine/fold/weir-sql.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

test('the help of aggregates is about the aggregates that the compiler knows', () => {
  assert.deepEqual(new Set(aggregateHelp.map(({ name }) => name)), new Set(aggregateNames));
});

for (const { signature, summary, example } of aggregateHelp) {
  test(`the example of ${signature} gives its value`, () => {
    const field = example.x.some((value) => typeof value === 'string') ? 'g' : 'x';
    const call = example.text.replace(/\bx\b/, field);
    const rule = `CREATE RULE r AS SELECT ${call} AS v FROM events WINDOW TUMBLING 1 SECOND HAVING count(*) > 0 EMIT AT END;`;
    const { detections } = find(
      rule,
      example.x.map((value, i) => [i, value === null ? {} : { [field]: value }]),
    );
    assert.deepEqual(detections[0]?.values, [example.value]);
    assert.match(summary, /^[A-Z].*\.$/, 'a summary is a sentence');
  });
}

test('all functions, by group', async () => {
  const { code, stdout } = await runCli(addFunctionsCommand, '.', 'functions');
  assert.equal(code, 0);
  for (const { signature, summary } of reference) {
    const line = stdout.split('\n').find((one) => one.trimStart().startsWith(signature) && one.endsWith(summary));
    assert.notEqual(line, undefined, signature);
  }
  assert.match(stdout, /^string$/m);
  assert.match(stdout, /^aggregate$/m);
});

test('one function, with its example', async () => {
  const { code, stdout } = await runCli(addFunctionsCommand, '.', 'functions', 'coalesce');
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `coalesce(a, b, ...)  conditional
  The first value that is not NULL.
  looks at NULL arguments itself
  coalesce(NULL, 'b', 'c')  →  'b'
`,
  );
});

test('an aggregate, with its example', async () => {
  const { stdout } = await runCli(addFunctionsCommand, '.', 'functions', 'entropy');
  assert.match(stdout, /^ {2}entropy\(x\) over a, b, a, c {2}→ {2}1\.5$/m);
});

test('those that rule files declare stand behind those of the language', async (context) => {
  const text = "CREATE FUNCTION is_tool(agent string) RETURNS bool AS agent LIKE 'curl/%';";
  const folder = ruleFolder(context, { 'rules/functions/is_tool.function.sql': text });
  const { stdout } = await runCli(addFunctionsCommand, folder, 'functions', '--rules', 'rules');
  assert.match(stdout, /\ndeclared\n {2}is_tool\(agent string\) RETURNS bool +agent LIKE 'curl\/%'\n\nclauses /);
  const one = await runCli(addFunctionsCommand, folder, 'functions', 'is_tool', '--rules', 'rules');
  assert.match(one.stdout, /^is_tool\(agent string\) RETURNS bool {2}declared\n/);
});

test('a word in capitals finds all forms that have it', async () => {
  const { stdout } = await runCli(addFunctionsCommand, '.', 'functions', 'like');
  assert.match(stdout, /^text LIKE pattern {2}string$[\s\S]*^ANY\(array\) LIKE pattern {2}array$/m);
});

test('JSON for an editor; a name that does not exist', async () => {
  const { stdout } = await runCli(addFunctionsCommand, '.', 'functions', 'COUNT', '--format', 'json');
  assert.equal(JSON.parse(stdout)[0].name, 'count');
  const { code, stderr } = await runCli(addFunctionsCommand, '.', 'functions', 'coalese');
  assert.equal(code, 2);
  assert.match(stderr, /did you mean coalesce\?/);
  for (const [written, meant] of [
    ['windw', 'WINDOW'],
    ['SLIDNG', 'SLIDING'],
    ['suppres', 'SUPPRESS'],
  ] as const) {
    const wrong = await runCli(addFunctionsCommand, '.', 'functions', written);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, new RegExp(`no function or clause ${written}\\n {2}hint: did you mean ${meant}\\?`));
  }
});

test('a word of a clause shows its clauses; a page of all of them', async () => {
  const { code, stdout } = await runCli(addFunctionsCommand, '.', 'functions', 'sliding');
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^WINDOW SLIDING n UNIT {2}Windows\n {2}Looks back .*\n {2}WINDOW SLIDING 15 MINUTES\nall clauses: rules\/clauses\.md\n$/,
  );
  const within = await runCli(addFunctionsCommand, '.', 'functions', 'WITHIN', '--format', 'ndjson');
  assert.match(within.stdout, /"syntax":"JOIN x AS b WITHIN n UNIT/);
  const page = await runCli(addFunctionsCommand, '.', 'functions', '--clauses', '--markdown');
  assert.match(page.stdout, /^# Clauses of the rule language\n/);
  assert.equal((await runCli(addFunctionsCommand, '.', 'functions', '--clauses')).code, 2);
});
