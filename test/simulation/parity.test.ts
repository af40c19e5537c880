import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ParityCase, parityCase } from './arbitrary.ts';
import { withExceptions } from './arbitrary-exceptions.ts';
import { withLookup } from './arbitrary-lookups.ts';
import { withTunes } from './arbitrary-tunes.ts';
import { checkParity } from './parity.ts';

const regressions = new URL('./regressions/', import.meta.url);
mkdirSync(regressions, { recursive: true });

for (const name of readdirSync(regressions).filter((file) => file.endsWith('.json'))) {
  test(`parity holds for the kept case ${name}`, () => {
    checkParity(JSON.parse(readFileSync(new URL(name, regressions), 'utf8')) as ParityCase);
  });
}

test('S1 parity: 200 random rule sets on random events, every way of running them, and the naive oracle', () => {
  const numRuns = Number(process.env.WEIR_PARITY_RUNS ?? 200);
  const seed = Number(process.env.WEIR_PARITY_SEED ?? Date.now() % 1_000_000_007);
  let smallest: ParityCase | null = null;
  const property = fc.property(
    fc.oneof(parityCase, withLookup(parityCase), withExceptions(withTunes(parityCase))),
    (parity) => {
      try {
        checkParity(parity);
      } catch (error) {
        smallest = parity;
        throw error;
      }
    },
  );
  try {
    fc.assert(property, { numRuns, seed });
  } catch (error) {
    // fast-check ends on the smallest case that it found: kept, so that it runs first from now on.
    writeFileSync(new URL(`seed-${seed}.json`, regressions), `${JSON.stringify(smallest, null, 1)}\n`);
    throw new Error(`WEIR_PARITY_SEED=${seed} repeats it`, { cause: error });
  }
});
