import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addWhyCommand } from '../../../ui-api/cli/why.ts';
import { ruleFolder, smallPack } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const start_ms = Date.UTC(2026, 2, 30, 9, 13);
const event = (event_id: string, account_id: string, second: number) =>
  `${JSON.stringify({ timestamp: start_ms + second * 1000, event_id, platform: 'p', event_type: 'login', account_id })}\n`;

const files = {
  ...smallPack,
  'rules/auth/owners.rule.sql': `CREATE LOOKUP owners (account_id string, owner_id string, PRIMARY KEY (account_id))
    WITH (source = 'owners.csv');
  CREATE RULE owner_burst SEVERITY low AS SELECT o.owner_id, count(*) AS n FROM events AS e
  JOIN owners AS o ON o.account_id = e.account_id GROUP BY o.owner_id WINDOW SLIDING 1 MINUTE HAVING n >= 2;`,
  'rules/auth/owners.csv': 'account_id,owner_id\na,own_1\nb,own_1\nd,\n',
  'rules/auth/platforms.rule.sql': `CREATE LOOKUP by_platform (account_id string, platform string, owner_id string,
    PRIMARY KEY (account_id, platform)) WITH (source = 'by_platform.csv');
  CREATE RULE platform_burst SEVERITY low AS SELECT o.owner_id, count(*) AS n FROM events AS e LEFT JOIN by_platform AS o
  ON o.account_id = e.account_id AND o.platform = e.platform GROUP BY o.owner_id WINDOW SLIDING 1 MINUTE HAVING n >= 2;`,
  'rules/auth/by_platform.csv': 'account_id,platform,owner_id\na,p,own 1\nb,p,own_2\n',
  'events.ndjson': [event('e1', 'a', 0), event('e2', 'b', 1), event('e3', 'c', 2), event('e4', 'd', 3)].join(''),
};
const from = ['--from', 'events.ndjson', '--as-of', '2026-04-01', '--utc'];
type Context = Parameters<typeof ruleFolder>[0];
const ask = (context: Context, at: string, rule = 'owner_burst') =>
  runCli(addWhyCommand, ruleFolder(context, files), 'why', rule, '--at', at, ...from);

test('an event that a lookup of GROUP BY has no row for: the lookup and the values are named', async (context) => {
  const { code, stderr } = await ask(context, 'e3');
  assert.equal(code, 2);
  assert.match(stderr, /^error: the lookup owners has no row for account_id = c: the event e3 joins no group\n/);
});

test('so is the account of such an event', async (context) => {
  const { stderr } = await ask(context, 'c');
  assert.match(stderr, /^error: the lookup owners has no row for account_id = c: an event with it joins no group\n/);
});

test('a value that the lookup has a row for leads to its group', async (context) => {
  const { stderr } = await ask(context, 'b');
  assert.match(stderr, /^error: b is no key of owner_burst: .*\n.*ask about the group: --at own_1\n$/);
  assert.match((await ask(context, 'e2')).stdout, /fired at 30 Mar 09:13:01/);
});

test('a row without a value, and what no event has, are told from a row that is missing', async (context) => {
  assert.match((await ask(context, 'e4')).stderr, /the event e4 has no value for a part of GROUP BY/);
  assert.match((await ask(context, 'nobody')).stderr, /no event that owner_burst reads has the id or the key nobody/);
});

test('of a key of several columns all are named, and of a part of several groups each group', async (context) => {
  const missing = await ask(context, 'e3', 'platform_burst');
  assert.match(missing.stderr, /the lookup by_platform has no row for account_id = c, platform = p: the event e3 /);
  const { stderr } = await ask(context, 'p', 'platform_burst');
  assert.match(stderr, /^error: p is no key of .*\n.*ask about one of its 2 groups: --at "own 1" \| --at own_2\n$/);
});
