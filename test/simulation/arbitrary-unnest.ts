import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { withArrays } from './arbitrary-arrays.ts';
import type { Condition, SimulationRule, SingleRule, WindowRule } from './case.ts';

const ofElement: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom('p.1', 'q', '2').map((value): Condition => ['=', ['f', 'el'], ['v', value]]),
  fc.constant<Condition>(['isnull', ['f', 'el']]),
  fc.constant<Condition>(['in', ['f', 'el'], ['p.1', 'p.2', 'true']]),
);

const changed = fc.record({
  unnest: fc.boolean(),
  /** Whether the element is in WHERE, in GROUP BY, and what count(DISTINCT) counts. */
  where: fc.option(ofElement),
  grouped: fc.boolean(),
  counted: fc.boolean(),
});

/** The cases with arrays, in which some rules and views read a row for each element. */
export const withUnnest = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc.tuple(withArrays(cases), fc.array(changed, { minLength: 8, maxLength: 8 })).map(([parity, all]) => ({
    ...parity,
    rules: parity.rules.map((rule, i): SimulationRule => {
      const { unnest, where, grouped, counted } = all[i % all.length] as (typeof all)[0];
      if (!unnest || (rule.kind !== 'single' && rule.kind !== 'window') || hasMore(rule)) return rule;
      const conditions = [rule.where, where].filter((one) => one !== null);
      const asked = conditions.length < 2 ? (conditions[0] ?? null) : (['and', ...conditions] as const);
      if (rule.kind === 'single') return { ...rule, unnest, where: asked as Condition };
      const distinct = (fn: string) => counted && fn === 'count_distinct';
      return {
        ...{ ...rule, unnest, where: asked as Condition | null },
        group_by: grouped ? [...rule.group_by, 'el'] : rule.group_by,
        aggs: rule.aggs.map((a) => (distinct(a.fn) ? { ...a, field: 'el' } : a)),
      };
    }),
  }));

/** A SELECT has one of these at a time. */
function hasMore(rule: SingleRule | WindowRule): boolean {
  return (rule.kind === 'window' && rule.input !== undefined) || (rule.exists ?? []).length > 0;
}
