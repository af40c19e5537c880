import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { Property } from './properties.ts';
import { most_cpu_ms, watchdog } from './watchdog.ts';

const regressions = new URL('./regressions/', import.meta.url);

/** The cases that failed once, by file name. */
export function keptCases(): [string, ParityCase][] {
  const files = existsSync(regressions) ? readdirSync(regressions).filter((file) => file.endsWith('.json')) : [];
  return files.map((file) => [file, JSON.parse(readFileSync(new URL(file, regressions), 'utf8')) as ParityCase]);
}

/** How long smaller cases are looked for, once one has failed. */
const shrink_ms = 60_000;

/** A seed of the environment repeats a run; else each run has its own. */
export const seedOfRun = (): number => Number(process.env.WEIRTEST_PARITY_SEED ?? Date.now() % 1_000_000_007);

/**
 * Draws so many cases from the seed and checks them. The smallest case that fails is kept in regressions/, under the name
 * of the property, so that it runs first from now on; then it throws.
 */
export function runProperty(
  name: string,
  { cases, check }: Property,
  seed: number,
  numRuns: number,
  limit_cpu_ms = most_cpu_ms,
): void {
  const watch = watchdog(`${name}: WEIRTEST_PARITY_SEED=${seed} repeats it`, limit_cpu_ms);
  let smallest: ParityCase | null = null;
  let shrunkBy = Number.POSITIVE_INFINITY;
  const property = fc.property(cases, (parity) => {
    // A case that failed is made smaller for a while; then what there is must do.
    if (performance.now() > shrunkBy) return;
    try {
      watch.begin(parity);
      check(parity);
    } catch (error) {
      smallest = parity;
      shrunkBy = Math.min(shrunkBy, performance.now() + shrink_ms);
      throw error;
    }
  });
  try {
    fc.assert(property, { numRuns, seed });
  } catch (error) {
    mkdirSync(regressions, { recursive: true });
    writeFileSync(new URL(`${name}-${seed}.json`, regressions), `${JSON.stringify(smallest, null, 1)}\n`);
    throw new Error(`WEIRTEST_PARITY_SEED=${seed} repeats it`, { cause: error });
  } finally {
    watch.end();
  }
}
