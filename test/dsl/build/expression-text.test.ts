import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationLiteral, durationText } from '../../../dsl/build/duration-text.ts';
import { expressionText } from '../../../dsl/build/index.ts';
import type { Expression } from '../../../dsl/plan/plan.ts';
import { aggregate, callOf, column, countAll, key, literal, threshold } from './plans.ts';

const plan = threshold(3, {
  aggregates: [
    countAll,
    { ...countAll, function: 'count_distinct', argument: column('actor.ip', 'ip') },
    { ...countAll, function: 'array_agg', argument: column('platform'), distinct: true, limit: 5 },
    { ...countAll, filter: callOf('=', [column('platform'), literal('okta')]) },
  ],
});
const prints = (expression: Expression, text: string) => assert.equal(expressionText(expression, plan), text);
const [a, b, c] = ['a', 'b', 'c'].map((name) => column(name, 'int'));

test('an expression prints as Weir SQL', () => {
  prints(callOf('=', [column('platform'), literal("it's")]), "platform = 'it''s'");
  prints(callOf('like', [column('platform'), literal('o%')]), "platform LIKE 'o%'");
  prints(callOf('matches', [column('platform'), literal('^o')]), "platform ~ '^o'");
  prints(callOf('in_cidr', [column('actor.ip', 'ip'), literal('10.0.0.0/8', 'cidr')]), "actor.ip = '10.0.0.0/8'");
  prints(callOf('cast_int', [callOf('lower', [column('platform')], 'string')], 'int'), 'lower(platform)::int');
  prints(column('details.n', 'int', 'cast'), 'details.n::int');
  prints(callOf('array_get', [column('details.tags', 'array'), literal(0)], 'string'), 'details.tags[0]');
  const tags = column('details.tags', 'array');
  const any = (name: string, other: Expression, type: string) => callOf(`any_${name}`, [tags, other, literal(type)]);
  prints(any('like', literal('mail.%'), 'string'), "ANY(details.tags) LIKE 'mail.%'");
  prints(any('>', literal(5, 'int'), 'float'), 'ANY(details.tags) > 5');
  prints(any('=', a, 'int'), 'ANY(details.tags)::int = a');
  prints(any('in_cidr', literal('10.0.0.0/8', 'cidr'), 'ip'), "ANY(details.tags)::ip = '10.0.0.0/8'");
  prints(any('=', column('actor.ip', 'ip'), 'ip'), 'ANY(details.tags) = actor.ip');
  prints(
    callOf('extract', [literal('HOUR'), column('timestamp', 'timestamp'), literal('Europe/Berlin')], 'int'),
    "extract(HOUR FROM timestamp AT TIME ZONE 'Europe/Berlin')",
  );
  prints(literal(5_400_000, 'duration'), '90 MINUTES');
  prints(literal(0, 'timestamp'), "'1970-01-01T00:00:00.000Z'");
  prints(literal(null), 'NULL');
  prints({ kind: 'in', argument: a, list: [literal(1), literal(2)], type: 'bool' }, 'a IN (1, 2)');
  prints(
    { kind: 'case', branches: [{ when: literal(true), then: a }], otherwise: literal(0), type: 'int' },
    'CASE WHEN true THEN a ELSE 0 END',
  );
  prints({ kind: 'not', argument: { kind: 'is_null', argument: a, type: 'bool' }, type: 'bool' }, 'a IS NOT NULL');
  const one_of = { kind: 'in', argument: a, list: [literal(1), literal(2)], type: 'bool' } as const;
  prints({ kind: 'not', argument: one_of, type: 'bool' }, 'a NOT IN (1, 2)');
  const known = { kind: 'lookup', lookup: 'vips', output: null, keys: [a], type: 'bool' } as const;
  prints({ kind: 'not', argument: known, type: 'bool' }, 'a NOT IN LOOKUP vips');
});

test('key parts and aggregates are written out', () => {
  prints(key(0), 'account_id');
  prints(callOf('>=', [aggregate(0), literal(3)]), 'count(*) >= 3');
  prints(aggregate(1), 'count(DISTINCT actor.ip)');
  prints(aggregate(2), 'array_agg(DISTINCT platform, 5)');
  prints(aggregate(3), "count(*) FILTER (WHERE platform = 'okta')");
  prints({ kind: 'window_start', type: 'timestamp' }, 'window_start');
});

test('brackets stand exactly where the meaning needs them', () => {
  const sum = (left: Expression, right: Expression) => callOf('-', [left, right], 'int');
  prints(sum(sum(a, b), c), 'a - b - c');
  prints(sum(a, sum(b, c)), 'a - (b - c)');
  prints(callOf('*', [sum(a, b), c], 'int'), '(a - b) * c');
  prints(sum(callOf('*', [a, b], 'int'), c), 'a * b - c');
  prints(callOf('negate', [callOf('negate', [a], 'int')], 'int'), '-(-a)');
  const x = callOf('=', [a, literal(1)]);
  const or: Expression = { kind: 'or', arguments: [x, x], type: 'bool' };
  prints({ kind: 'and', arguments: [x, or], type: 'bool' }, 'a = 1 AND (a = 1 OR a = 1)');
  prints({ kind: 'not', argument: or, type: 'bool' }, 'NOT (a = 1 OR a = 1)');
  prints(callOf('=', [x, x]), '(a = 1) = (a = 1)');
});

test('durations print exactly', () => {
  assert.equal(durationText(5_400_000), '1 hour 30 minutes');
  assert.equal(durationText(86_400_001), '1 day 1 millisecond');
  assert.equal(durationText(0), '0 seconds');
  assert.equal(durationText(-1_000), '-1 second');
  assert.equal(durationLiteral(90_000), '90 SECONDS');
  assert.equal(durationLiteral(0), '0 SECONDS');
  assert.equal(durationLiteral(3_600_000), '1 HOUR');
  assert.equal(durationLiteral(1_500), '1500 MILLISECONDS');
});
