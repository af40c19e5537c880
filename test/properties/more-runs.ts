import * as fastCheck from 'fast-check';

/**
 * fast-check whose assert() has WEIRTEST_PROPERTY_TIMES times the runs, and a seed of the moment where the test has its own,
 * or the one of WEIRTEST_PROPERTY_SEED, with WEIRTEST_PROPERTY_PATH that one case.
 */
const times = Number(process.env.WEIRTEST_PROPERTY_TIMES ?? 1);
const { WEIRTEST_PROPERTY_SEED: seed, WEIRTEST_PROPERTY_PATH: path } = process.env;
/** What fast-check does where nothing is said. */
const USUAL_RUNS = 100;

const assert = ((property: never, { seed: _, ...options }: { seed?: number; numRuns?: number } = {}) =>
  fastCheck.assert(property, {
    ...options,
    numRuns: (options.numRuns ?? USUAL_RUNS) * times,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  })) as typeof fastCheck.assert;

export default { ...fastCheck.default, assert };
