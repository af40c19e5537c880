import fc from 'fast-check';
import { atom, bound, equals, type ParityCase, tableOf, windowRule } from './arbitrary.ts';
import { someTunes } from './arbitrary-tunes.ts';
import type { AggregateRule, Condition, UnionBranch, UnionRule, WindowRule } from './case.ts';

const of_events = ['k1', 'x', 'ip', 'res', 'x'];
const of_view = ['k1', 'n', 'fi', 'any', 's'];

/** A SELECT over events, over a view that is there, or (in a view) with a window of its own. */
function branch(inputs: readonly string[], windows: boolean): fc.Arbitrary<UnionBranch> {
  const events = fc.option(atom).map((where): UnionBranch => ({ where, columns: of_events }));
  const where = fc.option(fc.oneof(equals('k1', ['a', 'b']), fc.constant<Condition>(['>', ['f', 'n'], ['v', 1]])));
  const views = fc
    .tuple(fc.constantFrom(...inputs, ''), where)
    .map(([input, condition]): UnionBranch => ({ input, where: condition, columns: of_view }))
    .filter(({ input }) => input !== '');
  const parts = [events, ...(inputs.length > 0 ? [views] : []), ...(windows ? [windowBranch] : [])];
  return fc.oneof(...parts);
}

const having = bound.filter((condition) => /"(n|s)"/.test(JSON.stringify(condition)));

const windowBranch: fc.Arbitrary<UnionBranch> = fc
  .tuple(windowRule('inner', null, true), having)
  .map(([rule, condition]): UnionBranch => {
    const aggs = ['n', 'fi', 'any', 's'].map((name) => rule.aggs.find(({ as }) => as === name) as AggregateRule);
    return { where: null, columns: [], window: { ...rule, aggs, having: condition, emit: 'auto' } };
  });

/** Of one SELECT it is a view, or a rule, without a window. */
export function union(name: string, inputs: readonly string[], view: boolean): fc.Arbitrary<UnionRule> {
  return fc
    .array(branch(inputs, view), { minLength: 1, maxLength: 3 })
    .map((branches) => ({ name, kind: 'union', view, branches }));
}

/** A table of windows of several kinds; all of them group by k1. */
export function unionTable(name: string): fc.Arbitrary<UnionRule> {
  return fc
    .array(windowBranch, { minLength: 2, maxLength: 3 })
    .map((branches) => ({ name, kind: 'union', view: true, table: true, branches: branches.map(atEnds) }));
}

function atEnds(branch: UnionBranch): UnionBranch {
  const window = branch.window as WindowRule;
  return { ...branch, window: tableOf(window, false) };
}

/** A rule with a parameter that some of its SELECTs ask, and that tenants have other values of. */
function tunedUnion(name: string, inputs: readonly string[]): fc.Arbitrary<UnionRule> {
  return fc
    .record({
      rule: union(name, inputs, false),
      asks: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      least: fc.integer({ min: 0, max: 3 }),
      tunes: someTunes,
    })
    .map(({ rule, asks, least, tunes }) => {
      const branches = rule.branches.map((one, i) => (asks[i] ? { ...one, least: one.columns[1] as string } : one));
      return branches.some((one) => one.least !== undefined) ? { ...rule, branches, least, tunes } : rule;
    });
}

/** Puts a UNION ALL into a case: a view or a table of it, a rule of windows over that, and a rule that is one itself. */
export function withUnion(cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> {
  return cases.chain((given) => {
    const inputs = given.rules.some((rule) => rule.name === 'v0' && !('least' in rule)) ? ['v0'] : [];
    return fc
      .tuple(
        fc.oneof(union('u0', inputs, true), unionTable('u0')),
        windowRule('wu', 'u0', false),
        tunedUnion('ru', [...inputs, 'u0']),
      )
      .map(([view, reader, rule]) => ({ ...given, rules: [...given.rules, view, reader as WindowRule, rule] }));
  });
}
