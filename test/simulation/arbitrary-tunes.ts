import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { SimulationRule, WindowRule } from './case.ts';

const tune = fc.record({ tenant: fc.constantFrom('T', 'U'), least: fc.integer({ min: 1, max: 4 }) });

/** At most one for a tenant. */
export const someTunes = fc
  .array(tune, { maxLength: 2 })
  .map((tunes) => tunes.filter(({ tenant }, i) => tunes.findIndex((one) => one.tenant === tenant) === i));

/**
 * The cases with rules across tenants, and with a parameter in HAVING (`n >= :least`, besides what it asks already) that
 * some tenants have another value of: in the rule's own SELECT, or in the view that stands in it.
 */
export const withTunes = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(
      cases,
      fc.array(
        fc.record({
          least: fc.integer({ min: 1, max: 4 }),
          tunes: someTunes,
          across: fc.boolean(),
        }),
      ),
    )
    .map(([parity, all]) => ({
      ...parity,
      rules: parity.rules.map((rule, i): SimulationRule => {
        const own = all[i];
        if (own === undefined || rule.kind !== 'window') return rule;
        const { least, tunes } = own;
        if (rule.view) return isOnlyLocal(rule.name, parity.rules) ? { ...rule, least, tunes } : rule;
        if (own.across && !readsTuned(rule, parity.rules)) return { ...rule, across: true };
        // What stands in the rule may have a parameter already.
        return readsTuned(rule, parity.rules) ? rule : { ...rule, least, tunes };
      }),
    }));

/** A rule across tenants cannot be tuned, and its view might be. */
function readsTuned({ input, local }: WindowRule, rules: readonly SimulationRule[]): boolean {
  return input !== undefined && local !== undefined && isOnlyLocal(input, rules);
}

/** Whether a view stands in all that read it. */
function isOnlyLocal(view: string, rules: readonly SimulationRule[]): boolean {
  const readers = rules.filter((rule) => JSON.stringify(rule).includes(`"input":"${view}"`));
  return readers.length > 0 && readers.every((rule) => rule.kind === 'window' && rule.local !== undefined);
}
