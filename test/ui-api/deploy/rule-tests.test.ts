import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadRuleFiles } from '../../../dsl/index.ts';
import { diskReader } from '../../../ui-api/cli/rules.ts';
import { RuleTests, type TestsQuestion } from '../../../ui-api/deploy/rule-tests.ts';
import { weirInFolder } from '../../integration/weir-in-folder.ts';
import { newFolder } from '../api/api-world.ts';

const rule = (
  name: string,
  least: number,
): string => `CREATE RULE ${name} AS SELECT account_id, count(*) AS n FROM events
WHERE result = 'fail' GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING n >= ${least};\n`;
const tests = (name: string, times: number): string => `- test: ${times} fire
  events:
    - every: 10s
      times: ${times}
      event: { event_type: login, result: fail, account_id: a, actor: { ip: '203.0.113.1' } }
  expect:
    - { rule: ${name}, at: ${(times - 1) * 10}s, account_id: a, n: ${times} }
`;

interface Listed {
  readonly name: string;
  readonly tested: { readonly state: string; readonly failed: readonly string[] };
}

/** Returns when it holds, or when a slow machine has had its time: what follows asserts it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 3000 && !(await holds()); looks++)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

test('a start from a folder runs a rule that fails its own tests, and says it: on the screen and with the rule', async (context) => {
  const { weir, token } = await weirInFolder(context, {
    'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS;\n',
    'rules/auth/sound.rule.sql': rule('sound', 3),
    'rules/auth/sound.test.yaml': tests('sound', 3),
    'rules/auth/broken.rule.sql': rule('broken', 4),
    'rules/auth/broken.test.yaml': tests('broken', 3),
    'rules/auth/bare.rule.sql': rule('bare', 3),
  });
  const list = async (): Promise<Listed[]> => {
    const response = await fetch(`${weir.url}/v1/rules`, { headers: { authorization: `Bearer ${token}` } });
    return ((await response.json()) as { items: Listed[] }).items;
  };
  const tested = async () => Object.fromEntries((await list()).map((item) => [item.name, item.tested]));
  assert.equal((await list()).length, 3, 'all of them run');
  await until(async () => (await list()).every(({ tested }) => tested.state !== 'running'));
  const said = await tested();
  assert.ok(
    Object.values(said).every(({ state }) => state !== 'unknown'),
    weir.stderr,
  );
  assert.deepEqual(said, {
    sound: { state: 'passed', failed: [] },
    broken: { state: 'failed', failed: ['3 fire'] },
    bare: { state: 'untested', failed: [] },
  });
  // It goes another way than the answer.
  await until(async () => weir.stderr.includes('shows how\n'));
  const warnings = weir.stderr.split('\n').filter((line) => line.includes('warning'));
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0],
    /warning: broken runs, and 1 test in \S*rules\/auth\/broken\.test\.yaml fails: weir test \S*rules\/auth shows how$/,
  );

  const deployed = await fetch(`${weir.url}/v1/rules/broken`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text: rule('broken', 3), tests: tests('broken', 3) }),
  });
  assert.equal(deployed.ok, true, await deployed.text());
  await until(async () => (await tested()).broken.state === 'passed');
  assert.deepEqual((await tested()).broken, { state: 'passed', failed: [] }, 'they ran again');
  assert.equal(await weir.end('SIGINT'), 0);
});

test('of two runs only the later one says something, and none begins after the end', async (context) => {
  const folder = newFolder(context);
  mkdirSync(join(folder, 'rules'));
  const question = (least: number, times: number): TestsQuestion => {
    writeFileSync(join(folder, 'rules/events.stream.sql'), 'CREATE STREAM events LATENESS 1 SECONDS;\n');
    writeFileSync(join(folder, 'rules/few.rule.sql'), rule('few', least));
    writeFileSync(join(folder, 'rules/few.test.yaml'), tests('few', times));
    return { folder, loaded: loadRuleFiles(diskReader(folder), ['rules']) };
  };
  const ruleTests = new RuleTests(true);
  const earlier = ruleTests.run(question(4, 3));
  const later = ruleTests.run(question(5, 3));
  assert.equal(ruleTests.of('few').state, 'running');
  assert.deepEqual(await earlier, []);
  assert.equal((await later).length, 1);
  assert.deepEqual(ruleTests.of('few'), { state: 'failed', failed: ['3 fire'] });

  const cut = ruleTests.run(question(3, 3));
  await new Promise((resolve) => setTimeout(resolve, 1));
  await ruleTests.stop();
  assert.deepEqual(await cut, [], 'an end is no failure of the tests');
  assert.deepEqual(await ruleTests.run(question(4, 3)), []);
});
