import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { Condition, SimulationRule, WindowRule } from './case.ts';

const silent: Condition = ['<=', ['a', 'n'], ['v', 0]];

/** The cases with rules on k1 that expect the keys of the lookup, half of them asking for silence. */
export const withExpected = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(
      cases,
      fc.array(
        fc.record({ size: fc.constantFrom(50, 100, 300), steps: fc.constantFrom(1, 1, 2, 2.5), silence: fc.boolean() }),
      ),
    )
    .map(([parity, all]) => ({
      ...parity,
      rules: parity.rules.map((rule, i): SimulationRule => {
        const own = all[i];
        if (own === undefined || rule.kind !== 'window' || rule.window.type === 'session') return rule;
        return expecting(rule, own);
      }),
    }));

function expecting(rule: WindowRule, own: { size: number; steps: number; silence: boolean }): WindowRule {
  const { size, steps } = own;
  const offset = 'offset' in rule.window ? (rule.window.offset ?? 0) : 0;
  const window: WindowRule['window'] =
    steps === 1
      ? { type: 'tumbling', size, offset, expected: true }
      : { type: 'hopping', size, advance: size / steps, offset, expected: true };
  const counts = rule.aggs.some(({ as }) => as === 'n');
  return {
    ...{ ...rule, window, group_by: ['k1'], life: undefined },
    having: own.silence && counts ? silent : rule.having,
    suppress: rule.suppress && { ...rule.suppress, by: rule.suppress.by.slice(0, 1), reset: false },
  };
}
