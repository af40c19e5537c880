import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addWhyCommand } from '../../../ui-api/cli/why.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const event = (at: string, account_id: string) =>
  `{ at: ${at}, event: { event_type: login, account_id: ${account_id} } }`;
const files = {
  'rules/own/vips.lookup.sql': `CREATE LOOKUP vips (account_id string PRIMARY KEY) WITH (source = 'vips.csv');`,
  'rules/own/vips.csv': 'account_id\nceo\ncfo\n',
  'rules/own/silent.rule.sql': `CREATE RULE silent AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF vips HAVING n = 0;
CREATE RULE fell_silent AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 2 HOURS HAVING n = 0;`,
  'rules/own/silent.test.yaml': `- test: one does not come
  events: [${event('5m', 'ceo')}, ${event('10m', 'guest')}, ${event('65m', 'ceo')}, ${event('300m', 'ceo')}]
  expect: [{ rule: silent, account_id: cfo, at: 1h59m59s999ms }]
`,
};
type Context = Parameters<typeof ruleFolder>[0];
const ask = (context: Context, ...args: string[]) =>
  runCli(addWhyCommand, ruleFolder(context, files), 'why', ...args, '--test', 'one does not come');

test('a key that is expected and that no event has: its empty window', async (context) => {
  const { stdout } = await ask(context, 'silent');
  assert.match(
    stdout,
    /: cfo, the tumbling window from 1h up to 2h\n {4}events of the key +0\n {4}count\(\*\) = 0 +0 \/ 0/,
  );
  assert.match(
    stdout,
    /fired at 1h59m59s999ms: detection [0-9a-f]{32}\n {2}the window is empty, and judged all the same/,
  );
  const before = await ask(context, 'silent', '--at', 'cfo@20m');
  assert.match(before.stdout, /did not fire: .*\n {2}no empty window was judged here: WITH EMPTY KEYS OF vips expects/);
  const there = await ask(context, 'silent', '--at', 'ceo@70m');
  assert.match(there.stdout, /count\(\*\) = 0 +1 \/ 0 +← not true\n {2}did not fire: HAVING was not true\n/);
  const unknown = await ask(context, 'silent', '--at', 'cfoo');
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /has the id or the key cfoo, and no window expects it: WITH EMPTY KEYS OF vips\n/);
});

test('a key that fell silent: its empty windows, as long as they are judged', async (context) => {
  const fired = await ask(context, 'fell_silent', '--at', 'guest@1h30m');
  assert.match(fired.stdout, /fired at 1h59m59s999ms: .*\n {2}the window is empty, .*: WITH EMPTY FOR 2 hours\n/);
  const over = await ask(context, 'fell_silent', '--at', 'guest@4h30m');
  assert.match(
    over.stdout,
    /no empty window was judged here: WITH EMPTY FOR 2 hours judges those that end so long after/,
  );
});
