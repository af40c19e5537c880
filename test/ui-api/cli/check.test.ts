import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCheckCommand } from '../../../ui-api/cli/check.ts';
import { ruleFolder, smallPack } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const broken = {
  ...smallPack,
  'rules/auth/wrong.rule.sql':
    'CREATE RULE wrong AS\nSELECT acount_id, count(*) AS n\nFROM events\nGROUP BY acount_id\nWINDOW SLIDING 1 MINUTES\nHAVING n > 5;\n',
};

test('rules without errors: one line, exit code 0', async (context) => {
  const folder = ruleFolder(context, smallPack);
  assert.deepEqual(await runCli(addCheckCommand, folder, 'check'), {
    ...{ code: 0, stdout: '1 rule, 0 errors, 0 warnings\n', stderr: '' },
  });
});

test('an error: its place, underlined, what to do; exit code 1', async (context) => {
  const folder = ruleFolder(context, broken);
  const { code, stdout, stderr } = await runCli(addCheckCommand, folder, 'check', 'rules');
  assert.equal(code, 1);
  assert.equal(stderr, '');
  assert.match(stdout, /^error\[W0107\]: .*acount_id/m);
  assert.match(stdout, /┌─ rules\/auth\/wrong\.rule\.sql:2:8/);
  assert.match(stdout, /\^\^\^\^\^\^\^\^\^ did you mean `account_id`\?/);
  assert.match(stdout, /\n3 files, \d+ errors?, 0 warnings\n$/);
});

test('an error in a rule test is an error', async (context) => {
  const text = '- test: a\n  events: [{ evnt: {} }]\n  expect: none\n';
  const folder = ruleFolder(context, { ...smallPack, 'rules/auth/guess.test.yaml': text });
  const { code, stdout } = await runCli(addCheckCommand, folder, 'check');
  assert.equal(code, 1);
  assert.match(stdout, /rules\/auth\/guess\.test\.yaml:2:14/);
  assert.match(stdout, /did you mean `event`\?/);
});

test('a single file: the stream and views it needs come along and are not counted', async (context) => {
  const folder = ruleFolder(context, {
    ...broken,
    'rules/auth/other.rule.sql': "CREATE RULE other AS SELECT account_id FROM failed WHERE account_id = 'root';\n",
  });
  const { code, stdout } = await runCli(addCheckCommand, folder, 'check', 'rules/auth/other.rule.sql');
  assert.deepEqual([code, stdout], [0, '1 rule, 0 errors, 0 warnings\n']);
});

test('a single file beside one with an error that it needs: it is said why that one was read', async (context) => {
  const folder = ruleFolder(context, {
    'rules/v.rule.sql': 'CREATE VIEW v AS SELECT acount_id FROM events;\n',
    'rules/r.rule.sql': 'CREATE RULE r AS SELECT * FROM v;\n',
  });
  const note = /^Files that were not named are read where a named one needs what they have/m;
  const { code, stdout } = await runCli(addCheckCommand, folder, 'check', 'rules/r.rule.sql');
  assert.deepEqual([code, note.test(stdout)], [1, true], stdout);
  const all = await runCli(addCheckCommand, folder, 'check', 'rules');
  assert.deepEqual([all.code, note.test(all.stdout)], [1, false], all.stdout);
});

test('JSON has the same, for scripts', async (context) => {
  const folder = ruleFolder(context, broken);
  const { code, stdout } = await runCli(addCheckCommand, folder, 'check', '--format', 'json');
  const report = JSON.parse(stdout);
  assert.equal(code, 1);
  assert.equal(report.errors, report.diagnostics.length);
  const [first] = report.diagnostics;
  assert.deepEqual([first.code, first.path, first.line, first.column], ['W0107', 'rules/auth/wrong.rule.sql', 2, 8]);
  const lines = await runCli(addCheckCommand, folder, 'check', '--format', 'ndjson');
  assert.deepEqual(
    lines.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    report.diagnostics,
  );
});

test('a folder without rules/: where to run it', async (context) => {
  const { code, stdout } = await runCli(addCheckCommand, ruleFolder(context, { 'a.txt': '' }), 'check');
  assert.equal(code, 2);
  assert.match(stdout, /rules does not exist\n.*run it in the folder that has rules\/, or give the paths of rules\n/);
});

test('a path that does not exist is wrong use: exit code 2', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { code, stdout } = await runCli(addCheckCommand, folder, 'check', 'rules/aut');
  assert.equal(code, 2);
  assert.match(stdout, /rules\/aut does not exist\n.*did you mean rules\/auth\?/);
  assert.equal((await runCli(addCheckCommand, folder, 'check', '--nonsense')).code, 2);
});

test('--seen: fields and values that the events never have; what they have once is not doubted', async (context) => {
  const event = (account_id: string, more = {}) =>
    JSON.stringify({ timestamp: 1_000, event_id: account_id, platform: 'x', account_id, ...more });
  const folder = ruleFolder(context, {
    ...smallPack,
    'rules/auth/more.rule.sql': `CREATE RULE more AS
SELECT l.account_id, r.session_id FROM events AS l
JOIN events AS r WITHIN 1 MINUTES ON l.account_id = r.account_id
WHERE l.event_type IN ('login', 'password_reset') AND r.platform LIKE 'x%' AND details.app = 'mail' AND l.geo.country = 'DE';
`.replace('details.app', 'l.details.app'),
    'events.ndjson': `${event('a', { event_type: 'login', result: 'denied' })}\n${event('b', { event_type: 'logout', details: { app: 'mail' } })}\n`,
  });
  const { code, stdout, stderr } = await runCli(addCheckCommand, folder, 'check', '--seen', 'events.ndjson');
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const found = [...stdout.matchAll(/^warning\[(W\d+)\]: (.*)$/gm)].map(([, name, text]) => `${name} ${text}`);
  assert.deepEqual(found, [
    "W0406 result = 'fail' is true of none of the 2 events of events.ndjson",
    "W0406 event_type = 'password_reset' is true of none of the 2 events of events.ndjson",
    'W0406 none of the 2 events of events.ndjson has geo.country',
    'W0406 none of the 2 events of events.ndjson has session_id',
  ]);
  const again = ruleFolder(context, {
    'rules/again.rule.sql':
      "CREATE RULE again AS SELECT geo.country AS land FROM events WHERE geo.country <> 'DE' OR geo.country IS NULL;\n",
    'events.ndjson': `${event('a', { event_type: 'login' })}\n`,
  });
  const once = await runCli(addCheckCommand, again, 'check', '--seen', 'events.ndjson');
  assert.equal(once.stdout.match(/W0406/g)?.length, 1);
  assert.match(once.stdout, /again\.rule\.sql:1:29\n/);
  assert.match(once.stdout, /= so it is at 2 more places of this file\n/);
  // What an exception asks of events, too, at its place in its own file.
  const excepted = ruleFolder(context, {
    'rules/again.rule.sql': "CREATE RULE again AS SELECT account_id FROM events WHERE event_type = 'login';\n",
    'rules/x.rule.sql':
      "CREATE EXCEPTION x FOR again IGNORE WHERE event_type = 'login' AND platform = 'gone' BECAUSE 'x';\n",
    'events.ndjson': `${event('a', { event_type: 'login' })}\n`,
  });
  const ignored = await runCli(addCheckCommand, excepted, 'check', '--seen', 'events.ndjson');
  assert.deepEqual(ignored.stdout.match(/W0406.*|x\.rule\.sql:.*/g), [
    "W0406]: platform = 'gone' is true of none of the one event of events.ndjson",
    'x.rule.sql:1:68',
  ]);
  const nothing = await runCli(addCheckCommand, folder, 'check', '--seen', 'rules/streams/events.stream.sql');
  assert.deepEqual([nothing.code, nothing.stdout], [2, '']);
  assert.match(nothing.stderr, /there is no event in/);
});

test('a file without a statement is told of; the file of a table is checked like every other', async (context) => {
  const table =
    'CREATE TABLE per_hour AS\nSELECT acount_id, count(*) AS n FROM events\nGROUP BY account_id\nWINDOW TUMBLING 1 HOUR;\n';
  const folder = ruleFolder(context, {
    ...smallPack,
    'rules/auth/later.rule.sql': '-- CREATE RULE later AS SELECT account_id FROM events;\n',
    'rules/auth/none.rule.sql': '',
  });
  const warned = await runCli(addCheckCommand, folder, 'check');
  assert.equal(warned.code, 0);
  for (const name of ['later', 'none']) {
    const told = `warning\\[W0308\\]: a file without a statement\\n.*rules/auth/${name}\\.rule\\.sql:1:1`;
    assert.match(warned.stdout, new RegExp(told));
  }
  assert.match(warned.stdout, /1 rule, 0 errors, 2 warnings\n$/);
  const wrong = ruleFolder(context, { ...smallPack, 'rules/auth/per_hour.table.sql': table });
  const { code, stdout } = await runCli(addCheckCommand, wrong, 'check');
  assert.equal(code, 1);
  assert.match(stdout, /error\[W0107\][\s\S]*rules\/auth\/per_hour\.table\.sql:2:8/);
});

test('errors do not hide one another: a rule that cannot be read, a lookup without its file, a test that is no test', async (context) => {
  const folder = ruleFolder(context, {
    ...broken,
    'rules/auth/unread.rule.sql': 'CREATE RULE unread AS SELEC account_id FROM failed;\n',
    'rules/auth/owners.lookup.sql':
      "CREATE LOOKUP owners (account_id string PRIMARY KEY) WITH (source = 'owners.csv');\n",
    'rules/auth/guess.test.yaml': '- test: a\n  events: [{ evnt: {} }]\n  expect: none\n',
  });
  const { code, stdout } = await runCli(addCheckCommand, folder, 'check');
  assert.equal(code, 1);
  for (const part of [
    'wrong.rule.sql:2:8',
    'unread.rule.sql:1:23',
    'the lookup owners has no file owners.csv',
    'guess.test.yaml:2:14',
  ]) {
    assert.ok(stdout.includes(part), part);
  }
});

test('an unknown severity that a test expects is underlined where it stands', async (context) => {
  const text =
    '- test: a\n  events: [{ event: { event_type: login } }]\n  expect:\n    - { rule: guess, severity: lo }\n';
  const folder = ruleFolder(context, { ...smallPack, 'rules/auth/guess.test.yaml': text });
  const { stdout } = await runCli(addCheckCommand, folder, 'check');
  assert.match(stdout, /guess\.test\.yaml:4:32\n.*\n.*\^\^ did you mean `low`\?/);
});
