import fc from 'fast-check';
import { type ParityCase, tableOf, windowRule } from './arbitrary.ts';
import { unionTable } from './arbitrary-unions.ts';
import type { CaseBaseline, Condition, SimulationRule, SingleRule, WindowRule } from './case.ts';

const ofTable: fc.Arbitrary<Condition> = fc
  .tuple(
    fc.constantFrom('n', 's'),
    fc.constantFrom('>=', '<', '=') as fc.Arbitrary<'>='>,
    fc.integer({ min: 0, max: 4 }),
  )
  .map(([name, operator, value]): Condition => [operator, ['f', `b.${name}`], ['v', value]]);

const condition = fc.oneof(
  ofTable,
  ofTable.map((one): Condition => ['or', one, ['isnull', ['f', 'b.n']]]),
  fc.constant<Condition>(['isnull', ['f', 'b.n']]),
  // Over a view there is no x, but an s.
  fc.constant<Condition>(['>', ['f', 'k1'], ['f', 'b.fi']]),
);

const changed = fc.record({
  uses: fc.boolean(),
  left_join: fc.boolean(),
  where: fc.option(condition),
  /** HAVING asks whether this window has at least so many rows as the table's. */
  compares: fc.boolean(),
});

/** A table, and rules of the case that read it as a baseline; one that reads each of its rows beside the one before. */
export function withBaseline(cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> {
  return fc
    .record({
      given: cases,
      table: fc.oneof(
        { weight: 3, arbitrary: fc.tuple(windowRule('base', null, true), fc.boolean()).map((one) => tableOf(...one)) },
        { weight: 1, arbitrary: unionTable('base') },
      ),
      all: fc.array(changed, { minLength: 8, maxLength: 8 }),
      own: fc.option(fc.tuple(windowRule('wb', 'base', false), changed)),
      isAligned: fc.boolean(),
    })
    .map(({ given, table, all, own, isAligned }) => {
      const rules = given.rules.map((rule, i): SimulationRule => {
        const { uses, ...rest } = all[i % all.length] as (typeof all)[0];
        return uses && canHave(rule) ? beside(rule, rest) : rule;
      });
      const last = own === null ? [] : [beside(own[0], own[1])];
      // Many events then stand exactly where a window of the table ends.
      const events = given.events.map((event) => ({ ...event, gap: Math.round(event.gap / 50) * 50 }));
      return { ...given, events: isAligned ? events : given.events, rules: [table, ...rules, ...last] };
    });
}

/** A SELECT of a WITH has no alias of its own for what stands in brackets; an exception says fields without their sides. */
function canHave(rule: SimulationRule): rule is SingleRule | WindowRule {
  if (rule.kind === 'single') return rule.unnest !== true && rule.exceptions === undefined;
  if (rule.kind !== 'window' || rule.view || rule.across || rule.unnest) return false;
  return rule.local === undefined && rule.exceptions === undefined;
}

function beside<Rule extends SingleRule | WindowRule>(
  rule: Rule,
  { left_join, where, compares }: { left_join: boolean; where: Condition | null; compares: boolean },
): Rule {
  const baseline: CaseBaseline = { table: 'base', left_join, where };
  if (rule.kind === 'single') return { ...rule, baseline };
  const aggs = [
    ...rule.aggs,
    { as: 'bm', fn: 'max' as const, field: 'b.n' },
    { as: 'bf', fn: 'first' as const, field: 'b.fi' },
  ];
  const count = rule.aggs.find(({ fn, filter }) => fn === 'count' && !filter)?.as ?? 'n';
  const more: Condition = ['>=', ['a', count], ['a', 'bm']];
  return { ...rule, baseline, aggs, having: compares ? ['and', rule.having, more] : rule.having };
}
