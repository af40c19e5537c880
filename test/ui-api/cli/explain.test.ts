import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JoinSize } from '../../../dsl/build/join-size.ts';
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
  const root = await runCli(addExplainCommand, folder, 'explain', 'rules', '--format', 'json');
  assert.equal(root.stdout, stdout);
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

test('--keys: what joins keep, of each and in all, in the text and as JSON', async (context) => {
  const joined = (name: string, kind: string, within: string) =>
    `CREATE RULE ${name} AS SELECT a.account_id FROM events AS a ${kind} events AS b WITHIN ${within}
     ON b.account_id = a.account_id AND b.event_type = 'logout' WHERE a.event_type = 'login';`;
  const exists = (name: string) => `CREATE RULE ${name} AS SELECT a.account_id FROM events AS a
     WHERE a.event_type = 'login' AND NOT EXISTS (SELECT 1 FROM events AS b WHERE b.account_id = a.account_id
     AND b.event_type = 'logout' WITHIN (AFTER 1 MINUTE)) AND EXISTS (SELECT 1 FROM events AS c
     WHERE c.account_id = a.account_id AND c.event_type = 'logout' WITHIN (BEFORE 1 MINUTE));`;
  const beside = `CREATE TABLE usual AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;
    CREATE RULE beside AS SELECT e.account_id FROM events AS e JOIN usual AS u ON u.account_id = e.account_id WHERE u.n > 5;`;
  const folder = ruleFolder(context, {
    'rules/events.stream.sql': 'CREATE STREAM events;',
    'rules/p/a.rule.sql': [
      joined('after_it', 'JOIN', '(AFTER 1 MINUTE)'),
      joined('around', 'LEFT JOIN', '1 MINUTE'),
    ].join('\n'),
    'rules/p/b.rule.sql': [exists('none'), exists('none_again'), beside].join('\n'),
  });
  const args = ['--keys', '500_000', '--rows', '3'];
  const { stdout: text } = await runCli(addExplainCommand, folder, 'explain', ...args);
  const json = await runCli(addExplainCommand, folder, 'explain', ...args, '--format', 'json');
  type Said = {
    name: string;
    joins: JoinSize[];
    joins_at: { keys: number; rows: number; bytes: number }[];
    state_at: { bytes: number } | null;
  };
  const said = new Map((JSON.parse(json.stdout) as Said[]).map((one) => [one.name, one]));
  const of = (name: string) => said.get(name) as Said;
  const [one] = of('after_it').joins;
  const { left_row_bytes: left, right_row_bytes: right, key_bytes: key } = one as JoinSize;
  assert.ok(left > 50 && right > 50 && key > 50);
  const at = (name: string) => of(name).joins_at.map(({ keys, rows, bytes }) => [keys, rows, bytes / keys]);
  assert.deepEqual(at('after_it'), [[500_000, 3, 3 * left + key]], 'right rows are kept for no time');
  assert.deepEqual(at('around'), [[500_000, 6, 3 * left + 3 * right + key]]);
  assert.deepEqual(at('none'), [
    [500_000, 3, 3 * left + key],
    [500_000, 3, 3 * right + key],
  ]);
  const [kept] = of('beside').joins;
  assert.deepEqual(at('beside'), [[500_000, 1, (kept?.right_row_bytes ?? 0) + (kept?.key_bytes ?? 0)]]);
  const mega = (bytes: number) => `${Math.ceil(bytes / 2)} MB`;
  assert.match(
    text,
    new RegExp(`\n {13}500,000 keys with 3 rows of each side are ${mega(3 * left + key)} in the join\n`),
  );
  assert.match(
    text,
    new RegExp(`500,000 keys with 3 rows of each side are ${mega(3 * left + 3 * right + 2 * key)} in its 2 joins\n`),
  );
  assert.match(text, /500,000 keys with one row are \d+ MB in the join\n/);
  // Two rules ask EXISTS in the same words: they read the rows of one join, which count once.
  const all = ['after_it', 'around', 'none', 'beside'].flatMap(at).reduce((sum, [, , bytes]) => sum + (bytes ?? 0), 0);
  const windows = (of('usual').state_at?.bytes ?? 0) / 500_000;
  assert.match(text, new RegExp(`\n\nin all at 500,000 keys of each: ${((all + windows) / 2_000).toFixed(1)} GB\n$`));
  const many = await runCli(addExplainCommand, folder, 'explain', 'around', '--keys', '99000000', '--rows', '99');
  assert.match(
    many.stdout,
    /\n {13}16,777,216 keys with 99 rows of each side are \d+\.\d GB in the join \(its bounds\)\n/,
  );
});
