import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { AnyOperator, Condition, SimulationRule } from './case.ts';

const tags = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom('p.1', 'p.2', 'q', '2', 2, 3, 1.5, true, null), { maxLength: 3 }),
  },
);

const comparisons: readonly AnyOperator[] = ['=', '=', '=', '<>', '<', '<=', '>', '>='];
const ofEvents: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...comparisons), fc.constantFrom<string | number | null>('p.1', 'q', '2', 2, 3, null))
    .map(([operator, value]): Condition => ['any', operator, ['f', 'tags'], value]),
  fc.constant<Condition>(['any', 'like', ['f', 'tags'], 'p%']),
  fc.constant<Condition>(['not', ['any', '=', ['f', 'tags'], 'q']]),
);
const ofWindows: fc.Arbitrary<Condition> = fc
  .tuple(fc.constantFrom(...comparisons), fc.constantFrom('i1', 'i2'))
  .map(([operator, value]): Condition => ['any', operator, ['a', 'list'], value]);

const added = fc.record({
  where: ofEvents,
  filter: ofEvents,
  having: fc.option(ofWindows),
  joined: fc.constantFrom('and' as const, 'or' as const),
});

/** The cases with arrays in their events, and ANY in WHERE, FILTER and HAVING of rules and views on events. */
export const withArrays = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(cases, fc.array(tags, { minLength: 70, maxLength: 70 }), fc.array(added, { minLength: 8, maxLength: 8 }))
    .map(([parity, arrays, conditions]) => {
      const events = parity.events.map((event, i) => ({ ...event, tags: arrays[i % arrays.length] ?? null }));
      const rules = parity.rules.map((rule, i): SimulationRule => {
        const { where, filter, having, joined } = conditions[i % conditions.length] as (typeof conditions)[0];
        if (rule.kind === 'single') return { ...rule, where: [joined, rule.where, where] };
        if (rule.kind !== 'window' || rule.input !== undefined) return rule;
        const aggs = rule.aggs.map((a) => (a.filter === undefined ? a : { ...a, filter }));
        return {
          ...{ ...rule, aggs, where: rule.where === null ? where : [joined, rule.where, where] },
          having: having === null ? rule.having : [joined, rule.having, having],
        };
      });
      return { ...parity, events, rules };
    });
