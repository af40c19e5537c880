import { test } from 'node:test';
import fc from 'fast-check';
import { type ParityCase, parityCase } from './arbitrary.ts';
import type { SimulationRule, WindowRule } from './case.ts';
import { checkParity } from './parity.ts';

/** The same rules on one key, in a denser stream, with conditions that hold for long: runs of many events. */
function withLongRuns(parity: ParityCase): ParityCase {
  const rules = parity.rules.flatMap((rule, i): SimulationRule[] => {
    if (rule.kind !== 'window' || ('view' in rule && rule.view) || ('input' in rule && rule.input)) return [];
    const having = ['>=', ['a', 'n'], ['v', 2 + (i % 3)]] as const;
    const { suppress } = rule as WindowRule;
    const covers = suppress === undefined ? {} : { suppress: { ...suppress, by: i % 2 === 0 ? ['k1'] : [] } };
    return [{ ...rule, where: null, having, group_by: ['k1'], ...covers } as SimulationRule];
  });
  const events = parity.events.map((event) => ({ ...event, gap: event.gap % 67, k1: event.k1 === 'b' ? 'b' : 'a' }));
  return { ...parity, rules, events };
}

test('S1 parity of lives: 100 rule sets with long runs, every way of running them, and the naive oracle', () => {
  const seed = Number(process.env.WEIR_PARITY_SEED ?? Date.now() % 1_000_000_007);
  const numRuns = Number(process.env.WEIR_PARITY_RUNS ?? 100);
  const property = fc.property(parityCase.map(withLongRuns), checkParity);
  fc.assert(property, { seed, numRuns });
});
