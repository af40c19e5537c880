import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, renderDiagnostics } from '../../../dsl/index.ts';
import { runTestFile } from '../../../dsl/packs/rule-test.ts';

const declared = `
CREATE LOOKUP owners (platform string, account_id string, owner_id string, valid_from timestamp, valid_to timestamp,
  PRIMARY KEY (platform, account_id)) WITH (source = 'owners.csv');
CREATE LOOKUP teams (owner_id string PRIMARY KEY, team string, size int) WITH (source = 'teams.csv');
CREATE LOOKUP nets (net cidr PRIMARY KEY, reason string) WITH (source = 'nets.csv');`;

/** Runs a rule test (every way of running it must agree); what is wrong as text, '' when it passed. */
function run(rule: string, given: string, events: readonly string[], expected: readonly string[]): string {
  const file = { path: 'r.rule.sql', text: `${declared}\n${rule}` };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan, renderDiagnostics(diagnostics, [file], { color: false }));
  const list = (items: readonly string[]) =>
    items.length === 0 ? ' none' : `\n${items.map((i) => `    - ${i}`).join('\n')}`;
  const text = `- test: t\n  given: { lookups: ${given} }\n  events:${list(events)}\n  expect:${list(expected)}\n`;
  const { tests, problems } = runTestFile({ path: 'r.test.yaml', text }, plan, () => ({ plan, diagnostics: [] }));
  const failures = tests.flatMap((one) => [...one.failures.flatMap(({ lines }) => lines.map((line) => line.text))]);
  const wrong = [...problems, ...tests.flatMap((one) => one.problems)].map(({ message }) => message);
  return [...wrong, ...failures].join('\n');
}

const event = (at: string, platform: string, account: string, more = '') =>
  `{ at: ${at}, event: { event_type: policy_flag, platform: ${platform}, account_id: ${account}${more} } }`;

test('S9 a lookup joins as of the row’s time, at most one row; an inner join keeps rows that have one', () => {
  const rule = `CREATE RULE r AS SELECT o.owner_id, count(DISTINCT e.platform) AS platforms
    FROM events AS e JOIN owners AS o ON o.platform = e.platform AND o.account_id = e.account_id
    WHERE e.event_type = 'policy_flag' GROUP BY o.owner_id WINDOW SLIDING 30 MINUTES HAVING platforms >= 2;`;
  const given = `{ owners: [
      { platform: x, account_id: a, owner_id: ann, valid_to: '2026-01-05T00:05:00Z' },
      { platform: x, account_id: a, owner_id: bob, valid_from: '2026-01-05T00:05:00Z' },
      { platform: y, account_id: b, owner_id: bob } ] }`;
  const events = [
    event('1m', 'x', 'a'),
    event('2m', 'y', 'b'),
    event('3m', 'y', 'nobody'),
    event('299999ms', 'x', 'a'),
    event('5m', 'x', 'a'),
  ];
  assert.equal(run(rule, given, events, ['{ rule: r, at: 5m, owner_id: bob, platforms: 2 }']), '');
});

test('S9 LEFT JOIN gives NULLs where there is no row; a lookup may be found by what another one has', () => {
  const rule = `CREATE RULE r AS SELECT account_id, o.owner_id, t.team AS team, t.size + 1 AS places
    FROM events LEFT JOIN owners AS o ON o.account_id = account_id AND o.platform = 'x'
    LEFT JOIN teams AS t ON o.owner_id = t.owner_id;`;
  const given =
    '{ owners: [ { platform: x, account_id: a, owner_id: ann }, { platform: x, account_id: b, owner_id: bob } ], ' +
    'teams: [ { owner_id: ann, team: red, size: 4 } ] }';
  const events = [event('1s', 'y', 'a'), event('2s', 'x', 'b'), event('3s', 'x', 'c')];
  const expected = [
    '{ rule: r, at: 1s, account_id: a, owner_id: ann, team: red, places: 5 }',
    '{ rule: r, at: 2s, account_id: b, owner_id: bob, team: null, places: null }',
    '{ rule: r, at: 3s, account_id: c, owner_id: null, team: null, places: null }',
  ];
  assert.equal(run(rule, given, events, expected), '');
});

test('S9 for a cidr the longest prefix joins; NULL in ON matches nothing; IS NULL of a LEFT JOIN finds the unknown', () => {
  const rule = `CREATE RULE known AS SELECT n.reason, n.net AS net FROM events JOIN nets AS n ON n.net = actor.ip;
    CREATE RULE unknown AS SELECT account_id FROM events LEFT JOIN nets ON nets.net = actor.ip WHERE nets.net IS NULL;`;
  const given = "{ nets: [ { net: 10.0.0.0/8, reason: office }, { net: 10.1.0.0/16, reason: lab }, { net: '::/0' } ] }";
  const events = [
    event('1s', 'x', 'a', ', actor: { ip: 10.1.2.3 }'),
    event('2s', 'x', 'b', ', actor: { ip: 10.2.2.3 }'),
    event('3s', 'x', 'c'),
    event('4s', 'x', 'd', ', actor: { ip: 192.0.2.1 }'),
    event('5s', 'x', 'e', ", actor: { ip: '2001:db8::1' }"),
  ];
  const expected = [
    '{ rule: known, at: 1s, reason: lab, net: 10.1.0.0/16 }',
    '{ rule: known, at: 2s, reason: office, net: 10.0.0.0/8 }',
    '{ rule: unknown, at: 3s, account_id: c }',
    '{ rule: unknown, at: 4s, account_id: d }',
    "{ rule: known, at: 5s, reason: null, net: '::/0' }",
  ];
  assert.equal(run(rule, given, events, expected), '');
});
