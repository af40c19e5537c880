import fc from 'fast-check';
import { atom, equals, type ParityCase, windowRule } from './arbitrary.ts';
import { union } from './arbitrary-unions.ts';
import type { Condition, JoinRule, SimulationRule, unionColumns } from './case.ts';
import { columnOfSide } from './oracle-joins.ts';

const ofView: fc.Arbitrary<Condition> = fc.oneof(
  equals('k1', ['a', 'b']),
  fc.constant<Condition>(['>', ['f', 'n'], ['v', 1]]),
  fc.constant<Condition>(['in', ['f', 'fi'], ['i1', 'i2']]),
);

const sideOf = (as: string, inputs: readonly string[]): fc.Arbitrary<JoinRule['left']> =>
  fc
    .constantFrom(undefined, ...inputs)
    .chain((input) =>
      fc.option(input === undefined ? atom : ofView).map((where) => ({ as, where, ...(input ? { input } : {}) })),
    );

/** A join of events and views, which may ask something of both rows of a pair. */
function joinOfViews(name: string, inputs: readonly string[], view: boolean): fc.Arbitrary<JoinRule> {
  return fc
    .record({
      left: sideOf('l', inputs),
      right: sideOf('r', inputs),
      by: fc.constantFrom(['k1'] as const, ['k1'] as const, ['fi'] as const, ['k1', 'any'] as const, ['s'] as const),
      compares: fc.option(
        fc.record({
          operator: fc.constantFrom('<', '<=', '<>', '>='),
          column: fc.constantFrom('n', 's', 'fi'),
        }),
      ),
      before: fc.constantFrom(0, 50, 200),
      after: fc.constantFrom(0, 0, 50, 100, 400),
      left_join: fc.boolean(),
    })
    .map(({ by, compares, ...rest }): JoinRule => {
      const { left, right } = rest;
      const both = (column: (typeof unionColumns)[number]): [string, string] => [
        columnOfSide(left, column),
        columnOfSide(right, column),
      ];
      const [l, r] = both(compares?.column ?? 'n');
      return {
        ...{ ...rest, name, kind: 'join', view, on: by.map(both) },
        ...(compares === null ? {} : { compares: { operator: compares.operator, left: l, right: r } }),
      };
    });
}

/**
 * The cases with joins as views: a view without a window, or UNION ALL; a join of it, of the view of the case and of
 * events; a rule of windows over the pairs; a join of those; and a rule that is a UNION ALL of all of them.
 */
export function withPairs(cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> {
  return cases.chain((given) => {
    const inputs = given.rules.some((rule) => rule.name === 'v0' && !('least' in rule)) ? ['v0'] : [];
    return fc
      .tuple(
        union('p0', inputs, true),
        joinOfViews('j0', [...inputs, 'p0'], true),
        windowRule('wj', 'j0', false),
        joinOfViews('jj', [...inputs, 'p0', 'j0', 'j0'], false),
        union('rj', [...inputs, 'p0', 'j0', 'j0'], false),
      )
      .map((rules) => ({ ...given, rules: [...given.rules, ...rules] as SimulationRule[] }));
  });
}
