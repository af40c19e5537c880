import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { newRuleText } from '../../../ui-api/cli/run-screen.ts';
import { formatTime } from '../../../ui-api/cli/units.ts';
import { line, newWorld, start_ms, startDriver } from './driver-world.ts';

test('S14 a rule that is added is warm at once where its rows are in the log, and says how far back it sees where not', async (context) => {
  const world = newWorld(context);
  const of = (rules: string) => {
    const text = `CREATE STREAM events LATENESS 1 SECOND MAX AHEAD 1 DAY; CREATE RULE old AS SELECT account_id FROM events WHERE session_id = 'x'; ${rules}`;
    const { plan } = compile([{ path: 'r.sql', text }]);
    assert.ok(plan);
    return buildProgram(plan);
  };
  const counting = (name: string, window: string, foot = '') =>
    `CREATE RULE ${name} AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW ${window} HAVING n >= 3 ${foot};`;
  const before = await startDriver(context, world, 100, of(''));
  assert.deepEqual(before.recovery.new_rules, []);
  for (const [id, at_ms] of [
    ['e1', 0],
    ['e2', 3_590_000],
    ['e3', 3_600_000],
  ] as const) {
    await before.driver.submit('p', [line(id, at_ms)]);
  }
  await before.driver.stop();
  const rules = [
    counting('quick', 'SLIDING 10 MINUTES'),
    counting('month', 'SLIDING 30 DAYS'),
    counting('quiet', 'SLIDING 10 MINUTES', 'SUPPRESS BY account_id FOR 2 HOURS'),
    counting('calm', 'SLIDING 1 MINUTE', 'SUPPRESS BY account_id FOR 10 MINUTES'),
    counting('visit', 'SESSION GAP 20 MINUTES MAX 1 HOUR'),
    'CREATE RULE single AS SELECT account_id FROM events;',
  ];
  const after = await startDriver(context, world, 100, of(rules.join(' ')));
  assert.equal(after.recovery.reason, 'the rules changed');
  const said = after.recovery.new_rules.map((rule) => newRuleText(rule, 'utc'));
  const first = formatTime(start_ms, 'utc');
  assert.deepEqual(said.sort(), [
    'calm is new, warm: its 2 m of memory are in the log',
    `month is new, partial: it sees back to ${first}, where the log begins; until ${formatTime(start_ms + 60 * 86_400_000, 'utc')}, when its 60 days of memory are whole, it may miss what began before`,
    'quick is new, warm: its 20 m of memory are in the log',
    `quiet is new, partial: it sees back to ${first}, where the log begins; until 2 h have passed without a detection of it, it may miss or repeat what began before`,
    'single is new, warm: it remembers nothing',
    `visit is new, partial: it sees back to ${first}, where the log begins; what it remembers from before that has no end, so it may always miss some of it`,
  ]);
  // The third event of the ten minutes: two of them came before the rule was there.
  await after.driver.submit('p', [line('e4', 3_601_000), line('e5', 9_000_000)]);
  await after.driver.stop();
  const found = readFileSync(world.path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((record) => JSON.parse(record));
  assert.deepEqual(
    found.filter(({ rule }) => rule === 'quick').map(({ evidence }) => evidence.ids),
    [['e2', 'e3', 'e4']],
  );
  const again = await startDriver(context, world, 100, of(rules.join(' ')));
  assert.deepEqual([again.recovery.kind, again.recovery.new_rules], ['resumed', []]);
});
