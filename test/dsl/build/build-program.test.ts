import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import type { Expression } from '../../../dsl/plan/plan.ts';
import type { ColumnSpec, GroupResult, OperatorSpec, Value } from '../../../engine/index.ts';
import { aggregate, callOf, column, countAll, key, literal, operator, program, threshold } from './plans.ts';

const result = (change: Partial<GroupResult>): GroupResult => ({
  ...{ key: [], aggregates: [], row: [], window_start: 0, window_end: 0 },
  ...change,
});
const describe = (columns: readonly ColumnSpec[]) =>
  columns.map((one) => `${one.kind} ${one.name} ${one.type} ${one.storage}`);
const only = (...operators: OperatorSpec[]) => operators[0];

test('columns: what the readers of a stream read, each once, computed ones behind', () => {
  const lowered = callOf('lower', [column('platform')], 'string');
  const { streams, operators } = buildProgram(
    program(
      threshold(3, { name: 'a', where: [callOf('=', [lowered, literal('okta')])] }),
      threshold(5, {
        name: 'b',
        key: [{ name: 'p', type: 'string', expression: lowered }],
        aggregates: [
          { ...countAll, filter: callOf('>', [column('net.asn', 'int'), literal(7)]) },
          { ...countAll, function: 'count_distinct', argument: lowered },
          { ...countAll, function: 'max', argument: column('net.asn', 'int') },
        ],
      }),
    ),
  );
  assert.deepEqual(describe(streams[0].columns), [
    'field platform string id',
    'field account_id string id',
    'field net.asn int number',
    'computed p string id',
    'computed filter of count bool number',
  ]);
  assert.deepEqual(operators[0].key, [1]);
  assert.deepEqual(operators[1].key, [3], 'the key expression is a column');
  const [filtered, distinct, greatest] = operators[1].aggregates;
  assert.equal(filtered.filter, 4);
  assert.equal(filtered.column, null);
  assert.equal(distinct.column, 3, 'an equal expression is the same column');
  assert.equal(greatest.column, 2);
  const computed = streams[0].columns[4];
  assert.ok(computed.kind === 'computed');
  assert.deepEqual(computed.inputs, [2]);
  assert.deepEqual(
    [8, 7, null].map((asn) => computed.evaluate([asn])),
    [true, false, null],
  );
});

test('columns: one details path read with two types is two columns', () => {
  const asInt = column('details.n', 'int', 'cast');
  const asText = column('details.n', 'string', 'literal');
  const { streams } = buildProgram(
    program(operator({ where: [callOf('=', [asInt, literal(1)]), callOf('=', [asText, literal('1')])] })),
  );
  assert.deepEqual(streams[0].columns.slice(0, 2), [
    { ...asInt, kind: 'field', storage: 'number' },
    { ...asText, kind: 'field', storage: 'id' },
  ]);
});

test('columns: timestamp and tenant_id are the row itself', () => {
  const where = [
    callOf('=', [column('tenant_id'), literal('shop')]),
    callOf('>=', [column('timestamp', 'timestamp'), literal(5_000, 'timestamp')]),
  ];
  const { streams, operators } = buildProgram(program(operator({ where })));
  assert.deepEqual(describe(streams[0].columns), ['field account_id string id']);
  assert.deepEqual(
    operators[0].where.map(({ columns }) => columns),
    [[-2], [-1]],
  );
  assert.deepEqual(operators[0].where[1].comparison, { operator: '>=', constant: 5_000 });
});

test('conjuncts: a number column against a constant is a comparison, from either side', () => {
  const asn = column('net.asn', 'int');
  const comparisonOf = (expression: Expression) =>
    only(...buildProgram(program(operator({ where: [expression] }))).operators).where[0].comparison;
  assert.deepEqual(comparisonOf(callOf('<', [asn, literal(7)])), { operator: '<', constant: 7 });
  assert.deepEqual(comparisonOf(callOf('<', [literal(7), asn])), { operator: '>', constant: 7 });
  assert.deepEqual(comparisonOf(callOf('<=', [literal(7), asn])), { operator: '>=', constant: 7 });
  assert.deepEqual(comparisonOf(callOf('<>', [literal(7), asn])), { operator: '<>', constant: 7 });
  assert.equal(comparisonOf(callOf('=', [column('platform'), literal('okta')])), undefined);
  assert.equal(comparisonOf(callOf('=', [column('details.x', 'bool', 'literal'), literal(true)])), undefined);
  assert.equal(comparisonOf(callOf('=', [asn, literal(null, 'int')])), undefined);
  assert.equal(comparisonOf(callOf('=', [asn, asn])), undefined);
  assert.equal(comparisonOf(callOf('like', [column('platform'), literal('o%')])), undefined);
});

test('conjuncts: a comparison says what the test says', () => {
  const operators = ['=', '<>', '<', '<=', '>', '>='];
  const asn = column('net.asn', 'int');
  const where = operators.flatMap((name) => [callOf(name, [asn, literal(7)]), callOf(name, [literal(7), asn])]);
  for (const { comparison, test: holds } of only(...buildProgram(program(operator({ where }))).operators).where) {
    assert.ok(comparison);
    const { operator: name, constant } = comparison;
    for (const x of [6, 7, 8]) {
      const difference = x - constant;
      const wanted = new Map([
        ['=', difference === 0],
        ['<>', difference !== 0],
        ['<', difference < 0],
        ['<=', difference <= 0],
        ['>', difference > 0],
        ['>=', difference >= 0],
      ]).get(name);
      assert.equal(holds([x]), wanted, `${x} ${name} ${constant}`);
    }
    assert.equal(holds([null]), null);
  }
});

test('conjuncts: values come in the order of the columns, each once', () => {
  const twice = callOf('=', [
    callOf('||', [column('actor.id'), column('account_id')], 'string'),
    callOf('||', [column('account_id'), column('actor.id')], 'string'),
  ]);
  const { streams, operators } = buildProgram(program(operator({ where: [twice] })));
  const [conjunct] = operators[0].where;
  assert.deepEqual(
    conjunct.columns.map((i) => streams[0].columns[i].name),
    ['actor.id', 'account_id'],
  );
  assert.equal(conjunct.test(['a', 'a']), true);
  assert.equal(conjunct.test(['a', 'b']), false);
  assert.equal(conjunct.test(['a', null]), null);
});

test('a single-event operator reads its outputs off the row', () => {
  const outputs = [
    { name: 'account_id', type: 'string' as const, expression: column('account_id') },
    {
      name: 'both',
      type: 'string' as const,
      expression: callOf('||', [column('platform'), column('account_id')], 'string'),
    },
    { name: 'at', type: 'timestamp' as const, expression: column('timestamp', 'timestamp') },
  ];
  const built = only(...buildProgram(program(operator({ outputs }))).operators);
  assert.deepEqual(built.row_columns, [0, 1, -1]);
  const row: Value[] = ['acct', 'okta', 9];
  assert.deepEqual(
    built.outputs.map(({ evaluate }) => evaluate(result({ row }))),
    ['acct', 'oktaacct', 9],
  );
  assert.equal(built.key, null);
  assert.equal(built.window, null);
});

test('a windowed operator reads key, aggregates and window of its group', () => {
  const built = only(
    ...buildProgram(
      program(
        threshold(3, {
          window: { kind: 'tumbling', size_ms: 60_000, decided: 'early' },
          outputs: [
            { name: 'k', type: 'string', expression: callOf('upper', [key(0)], 'string') },
            { name: 'n', type: 'int', expression: callOf('+', [aggregate(0), literal(1)], 'int') },
            { name: 's', type: 'timestamp', expression: { kind: 'window_start', type: 'timestamp' } },
            { name: 'e', type: 'timestamp', expression: { kind: 'window_end', type: 'timestamp' } },
          ],
        }),
      ),
    ).operators,
  );
  const group = result({ key: ['acct'], aggregates: [3], window_start: 60_000, window_end: 120_000 });
  assert.deepEqual(
    built.outputs.map(({ evaluate }) => evaluate(group)),
    ['ACCT', 4, 60_000, 120_000],
  );
  assert.deepEqual(built.row_columns, []);
  assert.deepEqual(built.window, { kind: 'tumbling', size_ms: 60_000, decided: 'early' });
  assert.equal(built.having?.(group), true);
  assert.equal(built.having?.(result({ aggregates: [2] })), false);
  assert.equal(built.having?.(result({ aggregates: [null] })), null);
  assert.deepEqual(built.bounds, [{ aggregate: 0, least: 3 }]);
});

test('views make streams; depth counts them', () => {
  const view = threshold(3, { kind: 'view', name: 'v' });
  const onView = operator({
    name: 'r2',
    input: 'v',
    where: [callOf('>', [column('failures', 'int'), literal(4)])],
    outputs: [{ name: 'account_id', type: 'string', expression: column('account_id') }],
  });
  const built = buildProgram(program(threshold(9, { name: 'r1' }), view, { ...view, name: 'w', input: 'v' }, onView));
  assert.deepEqual(
    built.operators.map(({ name, depth, input, output_stream }) => [name, depth, input, output_stream]),
    [
      ['r1', 0, 0, -1],
      ['v', 0, 0, 1],
      ['w', 1, 1, 2],
      ['r2', 1, 1, -1],
    ],
  );
  assert.deepEqual(
    built.streams.map(({ name }) => name),
    ['events', 'v', 'w'],
  );
  assert.deepEqual(built.streams[1].columns, [
    { kind: 'field', name: 'account_id', path: ['account_id'], type: 'string', storage: 'id', conversion: 'declared' },
    { kind: 'field', name: 'failures', path: ['failures'], type: 'int', storage: 'number', conversion: 'declared' },
  ]);
  assert.equal(built.hash, 'fedcba9876543210');
});

test('a view that selects something as timestamp gives that to its readers', () => {
  const outputs = [{ name: 'timestamp', type: 'int' as const, expression: column('net.asn', 'int') }];
  const view = operator({ kind: 'view', name: 'v', outputs });
  const reader = operator({
    input: 'v',
    outputs: [{ name: 't', type: 'int', expression: column('timestamp', 'int') }],
  });
  const built = buildProgram(program(view, reader));
  assert.deepEqual(describe(built.streams[1].columns), ['field timestamp int number']);
  assert.deepEqual(built.operators[1].row_columns, [0]);
});

test('SUPPRESS BY finds outputs and parts of the key', () => {
  const suppress = { by: ['failures', 'platform'], for_ms: 3_600_000, reset: true };
  const parts = ['account_id', 'platform'].map((name) => ({ name, type: 'string' as const, expression: column(name) }));
  const built = only(...buildProgram(program(threshold(3, { key: parts, suppress }))).operators);
  assert.deepEqual(built.suppress, {
    ...{ for_ms: 3_600_000, reset: true },
    by: [
      { from: 'output', index: 1 },
      { from: 'key', index: 1 },
    ],
  });
});

test('a plan that no checker makes is an error that names the rule', () => {
  const build = (...change: Parameters<typeof threshold>) => buildProgram(program(threshold(...change)));
  assert.throws(() => build(3, { suppress: { by: ['x'], for_ms: 1, reset: false } }), /plan of r suppresses by 'x'/);
  assert.throws(() => build(3, { input: 'nowhere' }), /plan of r reads nowhere, which no view before it makes/);
  assert.throws(() => build(3, { having: callOf('=', [column('account_id'), literal('a')]) }), /outside of a group/);
  assert.throws(
    () => build(3, { where: [callOf('=', [key(0), literal('a')])] }),
    /reads key where there are only rows/,
  );
});
