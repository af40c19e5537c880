import type { CstParser } from 'chevrotain';

/** What of a parser's insides raises its errors (chevrotain 13, traits/error_handler.js). */
interface Raising {
  maxLookahead: number;
  raiseNoAltException(...given: unknown[]): never;
  raiseEarlyExitException(...given: unknown[]): never;
}

/**
 * Our messages say which token may come first. For an error chevrotain works out all paths of as many tokens as it looks
 * ahead: of an expression that is a thousand, and 30 ms for each wrong statement. Here it looks for the first ones alone.
 */
export function expectFirstTokens(parser: CstParser): void {
  const raising = parser as unknown as Raising;
  for (const raise of ['raiseNoAltException', 'raiseEarlyExitException'] as const) {
    const original = raising[raise];
    raising[raise] = (...given) => {
      const { maxLookahead } = raising;
      raising.maxLookahead = 1;
      try {
        return original.apply(raising, given);
      } finally {
        raising.maxLookahead = maxLookahead;
      }
    };
  }
}
