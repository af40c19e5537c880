import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, renderDiagnostics } from '../../../dsl/index.ts';
import type { OperatorPlan } from '../../../dsl/plan/plan.ts';

function planOf(having: string, window = 'TUMBLING 5 MINUTES', foot = ''): OperatorPlan {
  const text = `CREATE RULE r AS SELECT platform, count(*) AS n FROM events GROUP BY platform WINDOW ${window}
    ${having === '' ? '' : `HAVING ${having}`} ${foot};`;
  const file = { path: 'r.sql', text };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan !== null, renderDiagnostics(diagnostics, [file], { color: false }));
  return plan.operators[0] as OperatorPlan;
}

test('S8 TUMBLING is decided early where more rows can only make HAVING truer', () => {
  for (const having of [
    'n >= 10',
    'n > 9.5',
    '10 <= count(*)',
    'n >= 10 AND count(DISTINCT account_id) > 3',
    'n >= 10 OR (max(net.asn) >= 5 AND n > 2)',
    "max(timestamp) > '2026-01-01T00:00:00Z'",
    'max(geo.lat) > 1.5',
    "max(account_id) >= 'b'",
    "'b' < max(account_id)",
    "n >= 10 OR max(account_id) > 'b'",
    'max(details.flag::bool) >= TRUE',
    "max(details.seen::timestamp) >= '2026-01-01T00:00:00Z'",
    'sum(length(actor.user_agent)) >= 100',
    "sum(CASE WHEN result = 'fail' THEN 2 ELSE 0 END) > 3",
    'sum(2) >= 10',
    "count(*) FILTER (WHERE result = 'fail') >= 5",
  ]) {
    assert.equal(planOf(having).window?.decided, 'early', having);
    assert.equal(planOf(having, 'TUMBLING 5 MINUTES', 'EMIT AT END').window?.decided, 'end', having);
    assert.equal(planOf(having, 'SLIDING 5 MINUTES').window?.decided, 'event', having);
  }
});

test('S8 the list is complete and syntactic: everything else is decided at the end', () => {
  for (const having of [
    'n <= 10',
    'n < 10',
    'n = 10',
    'n <> 10',
    'NOT n >= 10',
    'NOT n < 10',
    'n >= 10 AND min(net.asn) >= 5',
    'n >= 10 OR avg(net.asn) >= 5',
    'sum(net.asn) >= 5',
    'sum(net.asn - 1) >= 5',
    "sum(CASE WHEN result = 'fail' THEN -1 ELSE 1 END) >= 5",
    "max(account_id) < 'b'",
    "min(account_id) < 'b'",
    'first(net.asn) > 5',
    'last(net.asn) > 5',
    'n + 1 >= 10',
    'n >= count(DISTINCT account_id)',
    'n BETWEEN 10 AND 20',
    "platform = 'okta'",
    'n >= 10 AND platform IS NOT NULL',
    'TRUE',
    // Without HAVING: what was in each window, and not its first event.
    '',
  ]) {
    assert.equal(planOf(having).window?.decided, 'end', having);
  }
});

test('S8 lower bounds: aggregate >= least, in whole numbers where the aggregate is whole', () => {
  const cases: [string, number[], boolean][] = [
    ['n >= 10', [10], true],
    ['n > 10', [11], true],
    ['n > 10.5', [11], true],
    ['n >= 10.5', [11], true],
    ['10 < n AND (n >= 3 AND max(net.asn) > 7)', [11, 3, 8], true],
    ['max(geo.lat) >= 1.5 AND n >= 2', [1.5, 2], true],
    ['max(geo.lat) > 1.5 AND n >= 2', [1, 2], true],
    ['n >= 10 AND avg(net.asn) > 3', [10], false],
    ['n >= 10 OR n >= 20', [], false],
    ['sum(net.asn) >= 10', [], false],
    ["min(net.asn) >= 10 AND platform = 'a'", [], false],
    ["max(account_id) >= 'b'", [1], true],
    ["max(account_id) <= 'b'", [], false],
    ['n = 10', [], false],
  ];
  for (const [having, least, exact] of cases) {
    const plan = planOf(having, 'SLIDING 1 HOUR');
    assert.deepEqual(
      plan.bounds.map((bound) => bound.least),
      least,
      having,
    );
    assert.equal(plan.bounds_are_exact, exact, having);
  }
});

test('S8 a bound without a least number is asked of each row', () => {
  const { bounds, aggregates } = planOf("'b' < max(account_id)");
  const argument = aggregates[0]?.argument;
  const literal = { kind: 'literal', type: 'string', value: 'b' };
  const reached = { kind: 'call', function: '<', arguments: [literal, argument], type: 'bool' };
  assert.deepEqual(bounds, [{ aggregate: 0, least: 1, reached }]);
});

test('equal aggregates are computed once, different ones apart', () => {
  const plan = planOf(
    "count(*) >= 10 AND n < 50 AND count(*) FILTER (WHERE result = 'fail') >= 3 AND count(result) > 1",
  );
  assert.deepEqual(
    plan.aggregates.map(({ function: name, argument, filter }) => [name, argument?.kind ?? null, filter?.kind ?? null]),
    [
      ['count', null, null],
      ['count', null, 'call'],
      ['count', 'column', null],
    ],
  );
});
