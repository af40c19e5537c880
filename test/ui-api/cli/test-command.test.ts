import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTestCommand } from '../../../ui-api/cli/test.ts';
import { ruleFolder, smallPack } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

/** How it is called where npx does not find it. */
const weir = `node ${new URL('../../../ui-api/weir.mjs', import.meta.url).pathname}`;

test('a failing test as people read it, and the closing line', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { code, stdout, stderr } = await runCli(addTestCommand, folder, 'test', 'rules');
  assert.equal(code, 1);
  assert.equal(stderr, '');
  assert.equal(
    stdout,
    `✗ rules/auth/guess.test.yaml  1 of 2 tests failed

✗ two fire                                                                         guess.test.yaml:4
  expected  guess at 10s   failures 2
  got       nothing
  nearest   at 10s: failures 2 of 3
  next      ${weir} why guess rules/auth/ --test "two fire"

1 file, 5 events, 0 ms
1 passed, 1 failed
`,
  );
});

test('all pass: exit code 0; --only chooses by name; rules without a test are named', async (context) => {
  const folder = ruleFolder(context, {
    ...smallPack,
    'rules/auth/bare.rule.sql': 'CREATE RULE bare AS SELECT account_id FROM failed;\n',
  });
  const { code, stdout } = await runCli(addTestCommand, folder, 'test', '--only', 'three');
  assert.equal(code, 0);
  assert.match(stdout, /^✓ rules\/auth\/guess\.test\.yaml {2}1 test\n/);
  assert.match(stdout, /\nwithout a test: bare\n1 passed, 0 failed\n$/);
});

test('not one test: exit code 1 in every format, and what to write where', async (context) => {
  const { 'rules/auth/guess.test.yaml': _, ...untested } = smallPack;
  const folder = ruleFolder(context, untested);
  for (const format of ['table', 'json', 'ndjson', 'junit']) {
    const { code, stderr } = await runCli(addTestCommand, folder, 'test', '--format', format);
    assert.equal(code, 1, format);
    assert.match(stderr, /there is no test below rules: nothing was tested/);
    assert.match(
      stderr,
      /hint: write one into rules\/auth\/guess\.test\.yaml: `- test: NAME` with `events` and `expect`/,
    );
  }
  const { stdout } = await runCli(addTestCommand, folder, 'test');
  assert.match(stdout, /without a test: .*guess[\s\S]*\n0 passed, 0 failed\n$/);
});

test('a text that no name has is wrong use', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { code, stderr } = await runCli(addTestCommand, folder, 'test', '--only', 'seven');
  assert.equal(code, 2);
  assert.match(stderr, /no test has "seven" in its name/);
});

test('a test file that cannot be read is a failed test with its message', async (context) => {
  const folder = ruleFolder(context, { ...smallPack, 'rules/auth/guess.test.yaml': '- test: a\n  evnts: []\n' });
  const { code, stdout } = await runCli(addTestCommand, folder, 'test');
  assert.equal(code, 1);
  assert.match(
    stdout,
    /✗ rules\/auth\/guess\.test\.yaml {2}1 of 1 test failed: no test can be read \(\d problems?\)\n/,
  );
  assert.match(stdout, /a test has no key `evnts`/);
  assert.match(stdout, /\n0 passed, 1 failed \(what cannot be read of 1 file counts as one\)\n$/);
});

test('the lines of the files and the closing line count the same tests, read or not', async (context) => {
  const [path, text] = ['rules/auth/guess.test.yaml', smallPack['rules/auth/guess.test.yaml']];
  const other = 'rules/auth/other.test.yaml';
  const folder = ruleFolder(context, {
    ...smallPack,
    [path]: `${text}- test: a\n  evnts: []\n- test: b\n  evnts: []\n`,
    'rules/auth/other.rule.sql': 'CREATE RULE other SEVERITY low AS SELECT account_id FROM events;\n',
    [other]: '- test: c\n  evnts: []\n',
  });
  const { stdout } = await runCli(addTestCommand, folder, 'test');
  assert.match(
    stdout,
    /✗ rules\/auth\/guess\.test\.yaml {2}2 of 3 tests failed: not all can be read \(\d problems\)\n/,
  );
  assert.match(
    stdout,
    /✗ rules\/auth\/other\.test\.yaml {2}1 of 1 test failed: no test can be read \(\d problems?\)\n/,
  );
  assert.match(stdout, /\n1 passed, 3 failed \(what cannot be read of 2 files counts as one each\)\n$/);
});

test('JSON and NDJSON have each test with what is wrong', async (context) => {
  const folder = ruleFolder(context, smallPack);
  const { stdout } = await runCli(addTestCommand, folder, 'test', '--format', 'json');
  const report = JSON.parse(stdout);
  assert.deepEqual([report.passed, report.failed], [1, 1]);
  const tests = report.files[0].tests;
  assert.deepEqual(
    tests.map((one: { name: string; passed: boolean; line: number }) => [one.name, one.passed, one.line]),
    [
      ['three fire', true, 1],
      ['two fire', false, 4],
    ],
  );
  assert.deepEqual(tests[1].failures[0].lines[0], { label: 'expected', text: 'guess at 10s   failures 2' });
  const lines = await runCli(addTestCommand, folder, 'test', '--format', 'ndjson');
  assert.deepEqual(
    lines.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    tests,
  );
});

test('JUnit: a suite per file, texts escaped', async (context) => {
  const folder = ruleFolder(context, {
    ...smallPack,
    'rules/auth/guess.test.yaml': smallPack['rules/auth/guess.test.yaml'].replace(
      'two fire',
      `"<two> & \\"fire\\"\\x07"`,
    ),
  });
  const { code, stdout } = await runCli(addTestCommand, folder, 'test', '--format', 'junit');
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="weir test" tests="2" failures="1">
  <testsuite name="rules/auth/guess.test.yaml" tests="2" failures="1">
    <testcase name="three fire" classname="rules/auth/guess.test.yaml" file="rules/auth/guess.test.yaml" line="1"/>
    <testcase name="&lt;two&gt; &amp; &quot;fire&quot;\ufffd" classname="rules/auth/guess.test.yaml" file="rules/auth/guess.test.yaml" line="4"><failure message="expected guess at 10s   failures 2; got nothing; nearest at 10s: failures 2 of 3">expected  guess at 10s   failures 2
got  nothing
nearest  at 10s: failures 2 of 3</failure></testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('rules that do not compile: every error, exit code 1; a wrong path: exit code 2', async (context) => {
  const folder = ruleFolder(context, {
    ...smallPack,
    'rules/auth/x.rule.sql': 'CREATE RULE x AS SELECT nothing FROM events;',
  });
  const compiled = await runCli(addTestCommand, folder, 'test');
  assert.equal(compiled.code, 1);
  assert.match(compiled.stderr, /error\[W0107\][\s\S]*1 error in the rules, no test was run/);
  const missing = await runCli(addTestCommand, folder, 'test', 'nowhere');
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /nowhere does not exist/);
});

test('the command that asks why a failed test did not fire is one that a shell takes, whatever the name of the test', async (context) => {
  const name = `"two" of a's $HOME`;
  const folder = ruleFolder(context, {
    ...smallPack,
    'rules/auth/guess.test.yaml': `- test: '${name.replaceAll("'", "''")}'
  events: [{ every: 10s, times: 2, event: { event_type: login, result: fail, account_id: a } }]
  expect: [{ rule: guess, at: 10s }]
`,
  });
  const { stdout } = await runCli(addTestCommand, folder, 'test', 'rules');
  assert.ok(stdout.includes(`${weir} why guess rules/auth/ --test '"two" of a'\\''s $HOME'\n`), stdout);
});
