import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, stateSizeOf } from '../../../dsl/build/index.ts';
import type { OperatorPlan } from '../../../dsl/plan/plan.ts';
import { storedColumns, storeOperator } from '../../../engine/fold/store-operator.ts';
import type { Program } from '../../../engine/index.ts';
import { columnShape } from '../../../engine/route/column-values.ts';
import type { Symbols } from '../../../engine/route/symbols.ts';
import { KeyTable } from '../../../engine/state/key-table.ts';
import { RowTable } from '../../../engine/state/row-table.ts';
import { StateTable } from '../../../engine/state/state-table.ts';
import { aggregate, callOf, column, countAll, literal, operator, program, threshold } from './plans.ts';

const noSymbols: Symbols = {
  textOf: () => assert.fail('no text is read'),
  idOf: () => assert.fail('no text is made'),
  hashOf: () => assert.fail('nothing is hashed'),
} as unknown as Symbols;

/** The engine's own records for the store of these operators, in bytes. */
function engineSizes(built: Program): { row: number; key: number; states: number[]; least_rows: number[] } {
  const stream = built.streams[0];
  const table = new RowTable(storedColumns(built.operators), (one) => columnShape(stream, one), 1);
  const operators = built.operators.map((spec, i) => storeOperator(i, spec, stream, table, noSymbols, 'hot'));
  const [first] = built.operators;
  const isId = (first.key ?? []).map((one) => columnShape(stream, one).storage === 'id');
  const ends = new Set(operators.filter(({ decided }) => decided === 'end').map(({ size_ms }) => size_ms));
  const place = { shard: 0, shards: 1, groups: 1 };
  const keys = new KeyTable(first.key ?? [], isId, Math.ceil(ends.size / 32), place, noSymbols);
  const states = new StateTable(
    operators.map(({ bounds }) => bounds.payload),
    keys,
    1,
  );
  return {
    row: table.records.stride * 8,
    key: keys.records.stride * 8,
    states: states.records.map(({ stride }) => stride * 8),
    least_rows: operators.map(({ bounds }) => bounds.least_rows),
  };
}

const ips = { ...countAll, function: 'count_distinct' as const, argument: column('actor.ip', 'ip') };
const asn = column('net.asn', 'int');
const tumbling = (size_ms: number, decided: 'early' | 'end') => ({
  window: { kind: 'tumbling' as const, size_ms, decided },
});

/** Operators with one key, so that they share a store. */
const stores: OperatorPlan[][] = [
  [threshold(10)],
  [threshold(1)],
  [threshold(2_000)],
  [threshold(3, { aggregates: [ips] }), threshold(5, { name: 's' })],
  [threshold(300, { aggregates: [ips] })],
  [
    threshold(3, {
      ...tumbling(60_000, 'early'),
      aggregates: [{ ...countAll, function: 'sum', argument: asn, non_negative: true }],
    }),
    threshold(3, { name: 's', aggregates: [{ ...countAll, function: 'max', argument: asn }] }),
    threshold(3, { name: 't', aggregates: [{ ...countAll, filter: callOf('=', [asn, literal(1)]) }, ips] }),
  ],
  [
    threshold(3, {
      ...tumbling(60_000, 'end'),
      aggregates: [{ ...countAll, function: 'last', argument: column('timestamp', 'timestamp') }],
    }),
    threshold(3, { name: 's', ...tumbling(120_000, 'end'), aggregates: [{ ...ips, argument: column('tenant_id') }] }),
  ],
  [
    threshold(3, {
      key: ['account_id', 'platform'].map((name) => ({ name, type: 'string', expression: column(name) })),
    }),
  ],
  [threshold(3, { key: [] })],
];

test('the figures of explain are the sizes of the engine’s records', () => {
  for (const plans of stores) {
    const built = buildProgram(program(...plans));
    const engine = engineSizes(built);
    built.operators.forEach((spec, i) => {
      const size = stateSizeOf(spec, built);
      assert.ok(size);
      const isEnd = spec.window?.kind === 'tumbling' && spec.window.decided === 'end';
      assert.equal(size.row_bytes, engine.row);
      assert.equal(size.key_bytes, engine.key + 8);
      assert.equal(size.hot_bytes, isEnd ? 0 : engine.states[i] + 24);
      assert.equal(size.cold_rows, engine.least_rows[i] - 1);
    });
  }
});

test('rows are shared by operators of one stream and one key, whatever their windows', () => {
  const long = { kind: 'sliding' as const, size_ms: 3_600_000, decided: 'event' as const };
  const built = buildProgram(
    program(
      threshold(3),
      threshold(5, { name: 'other key', key: [{ name: 'p', type: 'string', expression: column('platform') }] }),
      threshold(5, { name: 'longer', window: long, having: callOf('>=', [aggregate(0), literal(5)]) }),
      operator({ name: 'single' }),
    ),
  );
  const size = stateSizeOf(built.operators[0], built);
  assert.deepEqual(size?.shared_with, ['longer']);
  assert.equal(size?.rows_kept_ms, 3_600_000);
  assert.equal(stateSizeOf(built.operators[3], built), null);
});
