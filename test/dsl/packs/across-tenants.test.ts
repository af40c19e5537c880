import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';
import { runTestFile } from '../../../dsl/packs/rule-test.ts';

const rules = `
CREATE STREAM events SHARING TENANTS 'shop', 'bank', 'fund';
CREATE RULE campaign ACROSS TENANTS AS
SELECT actor.ip AS ip, count(DISTINCT tenant_id) AS tenants, array_agg(tenant_id, 5) AS names
FROM events WHERE event_type = 'login'
GROUP BY actor.ip WINDOW SLIDING 1 HOUR HAVING tenants >= 2 SUPPRESS BY actor.ip FOR 1 DAY;
CREATE RULE own AS SELECT actor.ip AS ip, count(*) AS n FROM events GROUP BY actor.ip WINDOW SLIDING 1 HOUR HAVING n >= 2;`;

test('ACROSS TENANTS groups the events of tenants that share, and of no other; other rules stay within a tenant', () => {
  const { plan } = compile([{ path: 'r.rule.sql', text: rules }]);
  assert.ok(plan);
  const event = (at: string, tenant: string, ip = '192.0.2.1') =>
    `    - { at: ${at}, event: { event_type: login, tenant_id: ${tenant}, account_id: a, actor: { ip: ${ip} } } }`;
  const text = [
    '- test: t',
    '  events:',
    event('1m', 'shop'),
    event('2m', 'alone'),
    event('3m', 'bank', '192.0.2.2'),
    event('4m', 'fund'),
    event('5m', 'bank'),
    event('6m', 'alone'),
    '  expect:',
    '    - { rule: campaign, at: 4m, ip: 192.0.2.1, tenants: 2, names: [shop, fund] }',
    '    - { rule: own, at: 6m, ip: 192.0.2.1, n: 2 }',
  ].join('\n');
  const { tests } = runTestFile({ path: 'r.test.yaml', text }, plan, () => ({ plan, diagnostics: [] }));
  assert.deepEqual(
    tests.map(({ failures, problems }) => [failures, problems]),
    [[[], []]],
  );
});
