import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addExplainCommand } from '../../../ui-api/cli/explain.ts';
import { ruleFolder, smallPack } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

test('a rule: the way of an event, when it is decided, what it keeps, how far it remembers', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { code, stdout } = await runCli(addExplainCommand, folder, 'explain', 'guess');
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^guess {2}rule, plan [0-9a-f]{16}\n {2}detection\n {2}└─ having .*\n +└─ rows by account_id, 1 minute sliding\n +└─ view failed\n/,
  );
  for (const label of ['decided', 'state', 'remembers']) assert.match(stdout, new RegExp(`^  ${label} `, 'm'));
});

test('without a name all rules and views; as JSON', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { stdout } = await runCli(addExplainCommand, folder, 'explain', '--format', 'json');
  const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(names, ['failed', 'guess']);
  const folderOnly = await runCli(addExplainCommand, folder, 'explain', 'rules/auth', '--format', 'json');
  assert.equal(folderOnly.stdout, stdout);
});

test('every stage of the compiler, for one rule and for all', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const stage = async (...args: string[]) => (await runCli(addExplainCommand, folder, 'explain', ...args)).stdout;
  assert.match(await stage('guess', '--stage', 'tokens'), /^rules\/auth\/guess\.rule\.sql\n1:1 +CREATE +CREATE\n/);
  assert.match(await stage('guess', '--stage', 'tree'), /^rule .*name=guess/);
  assert.match(await stage('guess', '--stage', 'checked'), /^rule guess\n {2}select /);
  assert.match(await stage('guess', '--stage', 'plan'), /^rule guess, hash [0-9a-f]{16}\n {2}from +failed\n/);
  assert.match(await stage('--stage', 'plan'), /^stream events, schema v1[\s\S]*\nview failed,[\s\S]*\nrule guess,/);
  assert.match(
    await stage('guess', '--stage', 'program'),
    /^stream 1 failed\n {2}0 account_id:string, id in the dictionary, read from the row\nrule guess, stream 1\n {2}key {5}0\n {2}value {3}0: count of rows\n {2}having {2}value 0 >= 3, before anything else is computed\n$/,
  );
  assert.match(
    await stage('--stage', 'program'),
    /\nview failed, stream 0\n {2}where {3}column \d+: a closure, once for each different value; only for one value, /,
  );
  assert.match(await stage('--stage', 'checked'), /^view failed\n[\s\S]*\nrule guess\n/);
});

test('tokens and tree are there for rules that do not compile', async (context) => {
  const folder = ruleFolder(context, { 'x.rule.sql': 'CREATE RULE x AS SELECT nothing FROM events;' });
  const tree = await runCli(addExplainCommand, folder, 'explain', 'x', 'x.rule.sql', '--stage', 'tree');
  assert.deepEqual([tree.code, tree.stdout.startsWith('rule name=x')], [0, true]);
  const plan = await runCli(addExplainCommand, folder, 'explain', 'x', 'x.rule.sql', '--stage', 'plan');
  assert.equal(plan.code, 1);
  assert.match(plan.stderr, /W0107/);
});

test('the fields of a stream', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { code, stdout } = await runCli(addExplainCommand, folder, 'explain', '--stream', 'events');
  assert.equal(code, 0);
  assert.match(stdout, /^events {2}schema v1\n {2}LATENESS 5 s · IDLE 5 s · MAX AHEAD 5 m · DEDUP 1 h\n/);
  assert.match(stdout, /^ {2}account_id +string +required; the account acted on$/m);
  assert.match(stdout, /^ {2}auth\.result .*; also called result$/m);
});

test('a function that a rule file declares', async (context) => {
  const isTool = "CREATE FUNCTION is_tool(agent string)\nRETURNS bool AS\n  agent LIKE 'curl/%'\n  OR agent IS NULL;";
  const folder = ruleFolder(context, { ...smallPack, 'rules/functions/is_tool.function.sql': `\n${isTool}` });
  const { code, stdout } = await runCli(addExplainCommand, folder, 'explain', 'IS_TOOL');
  assert.equal(code, 0);
  assert.equal(
    stdout,
    "is_tool(agent string) RETURNS bool  function, rules/functions/is_tool.function.sql:2\n  agent LIKE 'curl/%' OR agent IS NULL\n",
  );
  const { stdout: json } = await runCli(addExplainCommand, folder, 'explain', 'is_tool', '--format', 'json');
  assert.equal(JSON.parse(json)[0].signature, 'is_tool(agent string) RETURNS bool');
});

test('a name that does not exist: the nearest one', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { code, stderr } = await runCli(addExplainCommand, folder, 'explain', 'gues');
  assert.equal(code, 2);
  assert.match(stderr, /there is no rule or view gues\n {2}hint: did you mean guess\?/);
  assert.equal((await runCli(addExplainCommand, folder, 'explain', '--stream', 'event')).code, 2);
});

test('as NDJSON: a line per rule, and one of a stream', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { stdout } = await runCli(addExplainCommand, folder, 'explain', '--format', 'ndjson');
  const lines = stdout.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).name),
    ['failed', 'guess'],
  );
  const stream = await runCli(addExplainCommand, folder, 'explain', '--stream', 'events', '--format', 'ndjson');
  assert.equal(JSON.parse(stream.stdout).name, 'events');
});

test('--keys: the state of each and in all, with so many rows of each key', async (context) => {
  const other =
    'CREATE RULE other AS SELECT account_id FROM failed GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING count(*) >= 9;';
  const folder = ruleFolder(context, { ...smallPack, 'rules/auth/other.rule.sql': other });
  const { stdout } = await runCli(addExplainCommand, folder, 'explain', '--keys', '50_000', '--rows', '3');
  assert.match(stdout, /\n {13}50,000 keys with 3 rows each are 14 MB, and \d+ MB more if all of them are hot\n/);
  assert.match(
    stdout,
    /\n {13}50,000 keys with 3 rows each are 14 MB\n/,
    'three rows keep a key of the other rule cold',
  );
  // Both read rows of one store: those count once.
  assert.match(stdout, /\n\nin all at 50,000 keys of each: 14 MB, and at most \d+ MB more if all of them are hot\n$/);
  const json = await runCli(addExplainCommand, folder, 'explain', 'guess', '--keys', '99000000', '--format', 'json');
  const [{ state_at, tree }] = JSON.parse(json.stdout) as [
    { state_at: { keys: number; bytes: number }; tree: { text: string } },
  ];
  assert.equal(state_at.keys, 16_777_216, 'never more than the bound');
  assert.equal(state_at.bytes, 16_777_216 * 120);
  assert.equal(tree.text, 'detection');
  assert.equal((await runCli(addExplainCommand, folder, 'explain', '--keys', 'many')).code, 2);
});
