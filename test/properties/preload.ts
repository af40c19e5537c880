import { registerHooks } from 'node:module';

/** Before a test file: whoever imports fast-check gets more-runs.ts, which has it with more runs. */
const moreRuns = new URL('./more-runs.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => {
    return next(specifier === 'fast-check' && context.parentURL !== moreRuns ? moreRuns : specifier, context);
  },
});
