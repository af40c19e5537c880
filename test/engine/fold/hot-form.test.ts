import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AggregateRule, Condition, SimulationEvent, WindowRule } from '../../simulation/case.ts';
import { seeded } from '../../simulation/random.ts';
import { ProgramBuilder } from './programs.ts';
import { runFold } from './run.ts';

/** Rules whose HAVING is made of lower bounds, on bursts and pauses: keys get hot, go cold, and get hot again. */
const aggs: AggregateRule[] = [
  { as: 'n', fn: 'count' },
  { as: 'd', fn: 'count_distinct', field: 'ip' },
  { as: 'dx', fn: 'count_distinct', field: 'x' },
  { as: 'mx', fn: 'max', field: 'x' },
  { as: 'ok', fn: 'count', filter: ['=', ['f', 'res'], ['v', 'ok']] },
  { as: 'cx', fn: 'count', field: 'x' },
  { as: 's', fn: 'sum', field: 'x' },
];

/** `mx` and `s` say nothing about the number of rows, so a key with such a rule never goes cold. */
const boundOn = (...names: string[]) =>
  fc
    .tuple(fc.constantFrom(...names), fc.integer({ min: 2, max: 9 }))
    .map(([name, least]): Condition => ['>=', ['a', name], ['v', name === 'mx' ? least % 6 : least]]);
const bound = fc.oneof(boundOn('n'), boundOn('n', 'd', 'dx', 'mx', 'ok', 'cx', 's'));

/** A WindowRule that gets its name from its place. */
type UnnamedRule = Omit<WindowRule, 'name'>;

const rule = fc
  .record({
    type: fc.constantFrom(
      ...(['sliding', 'sliding', 'sliding', 'tumbling', 'tumbling', 'hopping', 'session'] as const),
    ),
    size: fc.constantFrom(40, 150, 400, 1000, 3000),
    having: fc.oneof(
      bound,
      fc.tuple(bound, bound).map(([a, b]): Condition => ['and', a, b]),
    ),
    where: fc.constantFrom<Condition | null>(null, ['=', ['f', 'type'], ['v', 'A']], ['>', ['f', 'x'], ['v', 0]]),
    group_by: fc.constantFrom<string[]>(['k1'], ['k1'], ['k1', 'x']),
    view: fc.boolean(),
    reset: fc.boolean(),
  })
  .map(({ type, size, view, reset, ...rest }): UnnamedRule => {
    const suppress = reset && !view && type === 'sliding' ? { by: ['k1'], for: 100, reset } : undefined;
    return {
      ...rest,
      input: undefined,
      kind: 'window',
      window: windowOf(type, size),
      view,
      emit: 'auto',
      aggs,
      suppress,
    };
  });

function windowOf(type: WindowRule['window']['type'], size: number): WindowRule['window'] {
  if (type === 'session') return { type, gap: size / 10, max: size };
  return type === 'hopping' ? { type, size, advance: size / 5 } : { type, size };
}

function eventsOf(seed: number, count: number, pace: number): (SimulationEvent & { event_id: string; seq: number })[] {
  const random = seeded(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
  let timestamp = 1_000_000_000_000;
  return Array.from({ length: count }, (_, i) => {
    timestamp += pace * pick([0, 1, 1, 2, 4, 8, 8, 30, random() < 0.05 ? 500 : 3]);
    return {
      ...{ timestamp, event_id: `e${i}`, seq: i, tenant_id: pick(['T', 'T', 'T', 'U']), type: pick(['A', 'B', 'C']) },
      ...{ k1: pick(['a', 'a', 'a', 'b', 'c', null]), k2: null, x: pick([null, 0, 1, 2, 3, 5]) },
      ...{ ip: pick(['i1', 'i2', 'i3', 'i4', null]), res: pick(['ok', 'no', null]) },
    };
  });
}

/** HAVING that bounds do not decide: the aggregates of a window with many rows run along with it. */
const more: AggregateRule[] = [
  { as: 'mn', fn: 'min', field: 'x' },
  { as: 'av', fn: 'avg', field: 'x' },
  { as: 'fi', fn: 'first', field: 'res' },
  { as: 'la', fn: 'last', field: 'res' },
  { as: 'any', fn: 'any_value', field: 'ip' },
  { as: 'most', fn: 'max', field: 'ip' },
];
const other = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('<=', '>=', '='),
      fc.constantFrom('n', 'd', 'mx', 'mn', 'av', 's'),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([operator, name, value]): Condition => [operator, ['a', name], ['v', value]] as Condition),
  fc
    .tuple(fc.constantFrom('fi', 'la'), fc.constantFrom('ok', 'no'))
    .map(([name, text]): Condition => ['=', ['a', name], ['v', text]]),
  fc
    .tuple(fc.constantFrom('any', 'most'), fc.constantFrom('i1', 'i3'))
    .map(([name, text]): Condition => ['=', ['a', name], ['v', text]]),
);
const undecided = fc
  .tuple(rule, other, other, fc.constantFrom('and' as const, 'or' as const), fc.boolean())
  .map(([one, a, b, join, lists]): UnnamedRule => {
    const list: AggregateRule[] = lists ? [{ as: 'list', fn: 'array_agg', field: 'x' }] : [];
    return { ...one, having: [join, a, ['or', b, one.having]], aggs: [...aggs, ...more, ...list] };
  });

const traffic = {
  seed: fc.integer({ min: 1, max: 0x7fffffff }),
  count: fc.integer({ min: 1, max: 400 }),
  pace: fc.constantFrom(1, 5, 20, 60),
};
const generated = fc.record({
  rules: fc.oneof(fc.array(rule, { minLength: 1, maxLength: 2 }), fc.array(rule, { minLength: 2, maxLength: 6 })),
  ...traffic,
});
const running = fc.record({ rules: fc.array(undecided, { minLength: 1, maxLength: 3 }), ...traffic });

/** `sum` counts as a lower bound here: x is never negative in these events. */
function programOf(rules: readonly UnnamedRule[]) {
  const builder = new ProgramBuilder({ sums_are_bounds: true });
  for (const [i, one] of rules.entries()) builder.add({ name: `r${i}`, ...one });
  return builder.build();
}

for (const [title, limits, numRuns, cases] of [
  ['S8 the hot form equals the judge form while keys get hot, go cold and get hot again', {}, 300, generated],
  ['S8 the hot form equals the judge form when it looks at few rows first', { first_rows: -100 }, 300, generated],
  [
    'S14 the hot form equals the judge form when rows of a key go beyond the bound',
    { rows_per_key: 12 },
    150,
    generated,
  ],
  [
    'S14 the hot form equals the judge form when keys are evicted',
    { key_groups: 1, rows_per_group: 24 },
    150,
    generated,
  ],
  ['S8 running aggregates equal the judge', { running_rows: 2 }, 300, running],
  [
    'S8 running aggregates equal the judge when rows go beyond the bound',
    { running_rows: 3, rows_per_key: 12 },
    150,
    running,
  ],
  [
    'S8 running aggregates equal the judge where only some windows run',
    { running_rows: 2, running_windows: 1 },
    100,
    running,
  ],
] as const) {
  test(title, () => {
    let fired = 0;
    const property = fc.property(cases, ({ rules, seed, count, pace }) => {
      const program = programOf(rules);
      const rows = eventsOf(seed, count, pace);
      const judge = runFold(program, rows, { form: 'judge', shards: 1, batch_rows: 50, limits });
      const hot = runFold(program, rows, { form: 'hot', shards: 2, batch_rows: 9, limits });
      const restarted = runFold(program, rows, { form: 'hot', shards: 1, batch_rows: 30, restart_every: 1, limits });
      assert.deepEqual(hot.detections, judge.detections);
      assert.deepEqual(restarted.detections, judge.detections);
      const emitted = (fold: typeof hot.fold) => fold.stats().operators.map((o) => o.detections);
      assert.deepEqual(emitted(hot.fold), emitted(judge.fold));
      fired += hot.detections.length;
    });
    fc.assert(property, { numRuns });
    assert.ok(fired > 0);
  });
}
