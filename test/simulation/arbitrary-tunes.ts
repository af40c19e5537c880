import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { SimulationRule } from './case.ts';

const tune = fc.record({ tenant: fc.constantFrom('T', 'U'), least: fc.integer({ min: 1, max: 4 }) });

/**
 * The cases with rules across tenants, and with a parameter in HAVING (`n >= :least`, besides what it asks already) that some tenants have another
 * value of.
 */
export const withTunes = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(
      cases,
      fc.array(
        fc.record({
          least: fc.integer({ min: 1, max: 4 }),
          tunes: fc.array(tune, { maxLength: 2 }),
          across: fc.boolean(),
        }),
      ),
    )
    .map(([parity, all]) => ({
      ...parity,
      rules: parity.rules.map((rule, i): SimulationRule => {
        const own = all[i];
        if (own === undefined || rule.kind !== 'window' || rule.view) return rule;
        if (own.across) return { ...rule, across: true };
        if (rule.input !== undefined) return rule;
        const tunes = own.tunes.filter(({ tenant }, k) => own.tunes.findIndex((one) => one.tenant === tenant) === k);
        return { ...rule, least: own.least, tunes };
      }),
    }));
