import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { withArrays } from './arbitrary-arrays.ts';
import type { Condition, JoinRule, SimulationRule, SingleRule, WindowRule } from './case.ts';

const ofElement: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom('p.1', 'q', '2').map((value): Condition => ['=', ['f', 'el'], ['v', value]]),
  fc.constant<Condition>(['isnull', ['f', 'el']]),
  fc.constant<Condition>(['in', ['f', 'el'], ['p.1', 'p.2', 'true']]),
);

const changed = fc.record({
  unnest: fc.boolean(),
  /** The same array once more. */
  twice: fc.boolean(),
  /** Whether the element is in WHERE, in GROUP BY, and what count(DISTINCT) counts. */
  where: fc.option(ofElement),
  grouped: fc.boolean(),
  counted: fc.boolean(),
  /** Of a join or an EXISTS: whether its right rows are elements, and whether the key is. */
  right: fc.boolean(),
  keyed: fc.boolean(),
});

type Changed = typeof changed extends fc.Arbitrary<infer T> ? T : never;

/** The cases with arrays, in which some rules and views, and sides of joins, read a row for each element. */
export const withUnnest = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc.tuple(withArrays(cases), fc.array(changed, { minLength: 8, maxLength: 8 })).map(([parity, all]) => ({
    ...parity,
    rules: parity.rules.map((rule, i): SimulationRule => {
      const own = all[i % all.length] as Changed;
      if (rule.kind === 'join') return own.unnest || own.right ? joinOfElements(rule, own) : rule;
      if ((rule.kind !== 'single' && rule.kind !== 'window') || isOnView(rule)) return rule;
      if (!own.unnest) return withElementsIn(rule, own, false);
      return withElementsIn(ofElements(rule, own), own, true);
    }),
  }));

function ofElements(rule: SingleRule | WindowRule, { twice, where, grouped, counted }: Changed) {
  const conditions = [rule.where, where].filter((one) => one !== null);
  const asked = conditions.length < 2 ? (conditions[0] ?? null) : (['and', ...conditions] as const);
  const unnest = { unnest: true, ...(twice ? { twice } : {}) };
  if (rule.kind === 'single') return { ...rule, ...unnest, where: asked as Condition };
  const distinct = (fn: string) => counted && fn === 'count_distinct';
  return {
    ...{ ...rule, ...unnest, where: asked as Condition | null },
    group_by: grouped ? [...rule.group_by, twice ? 'el2' : 'el'] : rule.group_by,
    aggs: rule.aggs.map((a) => (distinct(a.fn) ? { ...a, field: 'el' } : a)),
  };
}

/** Right rows of its EXISTS that are elements; `isElement`: whether its own rows are. */
function withElementsIn(
  rule: SingleRule | WindowRule,
  { right, keyed }: Changed,
  isElement: boolean,
): SingleRule | WindowRule {
  if (!right || (rule.exists ?? []).length === 0) return rule;
  const exists = (rule.exists ?? []).map((one) => {
    if (one.input !== undefined) return one;
    return { ...one, unnest: true, on: keyed && isElement ? [...one.on, ['el', 'er'] as [string, string]] : one.on };
  });
  return { ...rule, exists };
}

/** Of the right side of a LEFT JOIN there is no UNNEST. */
function joinOfElements(rule: JoinRule, { unnest, right, where, keyed }: Changed): JoinRule {
  const isRight = right && !rule.left_join;
  if (!unnest && !isRight) return rule;
  const conditions = [rule.left.where, unnest ? where : null].filter((one) => one !== null);
  return {
    ...rule,
    left: { ...rule.left, unnest, where: conditions.length === 0 ? null : (['and', ...conditions] as Condition) },
    right: { ...rule.right, unnest: isRight },
    on: keyed && unnest && isRight ? [['el', 'er']] : rule.on,
  };
}

function isOnView(rule: SingleRule | WindowRule): boolean {
  return rule.kind === 'window' && rule.input !== undefined;
}
