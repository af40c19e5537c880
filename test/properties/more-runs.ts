import * as fastCheck from 'fast-check';

/** fast-check whose assert() has WEIRTEST_PROPERTY_TIMES times the runs, and a seed of the moment where the test has its own. */
const times = Number(process.env.WEIRTEST_PROPERTY_TIMES ?? 1);
/** What fast-check does where nothing is said. */
const USUAL_RUNS = 100;

const assert = ((property: never, { seed: _, ...options }: { seed?: number; numRuns?: number } = {}) =>
  fastCheck.assert(property, {
    ...options,
    numRuns: (options.numRuns ?? USUAL_RUNS) * times,
  })) as typeof fastCheck.assert;

export default { ...fastCheck.default, assert };
