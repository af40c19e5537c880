import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, stateSizeOf } from '../../../dsl/build/index.ts';
import { aggregate, callOf, column, countAll, literal, operator, program, threshold } from './plans.ts';

test('what explain says grows with what HAVING asks for, and says when a key is cold', () => {
  const ips = { ...countAll, function: 'count_distinct' as const, argument: column('actor.ip', 'ip') };
  const sizeOf = (plan: ReturnType<typeof threshold>) => {
    const built = buildProgram(program(plan));
    return stateSizeOf(built.operators[0], built);
  };
  const [three, ten, distinct] = [
    sizeOf(threshold(3)),
    sizeOf(threshold(10)),
    sizeOf(threshold(3, { aggregates: [ips] })),
  ];
  assert.ok(three && ten && distinct);
  assert.equal(ten.hot_bytes - three.hot_bytes, 7 * 8);
  assert.deepEqual([three.cold_rows, ten.cold_rows, distinct.cold_rows], [2, 9, 2]);
  assert.equal(ten.row_bytes, three.row_bytes);
  assert.ok(distinct.row_bytes >= three.row_bytes);
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

test('rules of one key that can never read the same row share nothing, and explain does not say so', () => {
  const ofType = (name: string, type: string) =>
    threshold(3, { name, where: [callOf('=', [column('event_type'), literal(type)])] });
  const sharing = (...plans: ReturnType<typeof threshold>[]) => {
    const built = buildProgram(program(...plans));
    return built.operators.map((one) => stateSizeOf(one, built)?.shared_with);
  };
  assert.deepEqual(sharing(ofType('a', 'login'), ofType('b', 'logout'), ofType('c', 'login')), [['c'], [], ['a']]);
  // One that reads any type shares rows with all.
  assert.deepEqual(sharing(ofType('a', 'login'), ofType('b', 'logout'), threshold(5, { name: 'c' }))[0], ['b', 'c']);
});
