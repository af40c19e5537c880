import type { Value } from '../../engine/index.ts';
import { BoundedCache } from './bounded-cache.ts';
import { bounds } from './bounds.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { checkLike, compileLike, type TextTest } from './like.ts';
import { checkPattern, extractGroup, matchProgram, regularExpression } from './regular-expression.ts';
import { replaceMatches } from './replace-matches.ts';

const likeTests = new BoundedCache(compileLike);
const ilikeTests = new BoundedCache((pattern) => compileLike(pattern.toLowerCase()));

/** NULL for a pattern beyond the bound, which only a column can hold: the checker refuses a literal. */
function like(text: Value, pattern: Value, tests: BoundedCache<TextTest>): Value {
  return (pattern as string).length > bounds.pattern_units ? null : tests.get(pattern as string)(text as string);
}

function checkLikeLiteral([, pattern]: readonly (Value | undefined)[]): string | null {
  return typeof pattern === 'string' ? checkLike(pattern) : null;
}

const regexpExtract = define({
  name: 'regexp_extract',
  signature: 'regexp_extract(text, pattern [, group])',
  group: 'string',
  parameters: ['string', 'string', 'int'],
  required: 2,
  result: 'string',
  evaluate: ([text, pattern, group]) => {
    const expression = regularExpression(pattern as string);
    if (expression === null) return null;
    return extractGroup(
      expression,
      text as string,
      (group as number | undefined) ?? Math.min(1, expression.groupCount()),
    );
  },
  check: ([, pattern, group]) => {
    const wrong = checkPattern(pattern);
    if (wrong !== null || typeof group !== 'number') return wrong;
    const count = regularExpression(pattern as string)?.groupCount() ?? 0;
    return group >= 0 && group <= count ? null : `the pattern has ${count} groups; there is no group ${group}`;
  },
  summary: 'The first group of the first match (the whole match where the pattern has no group); NULL without a match.',
  example: { text: "regexp_extract('Chrome/120.0', 'Chrome/([0-9]+)')", value: '120' },
});

const regexpReplace = define({
  name: 'regexp_replace',
  signature: 'regexp_replace(text, pattern, replacement)',
  group: 'string',
  parameters: ['string', 'string', 'string'],
  result: 'string',
  evaluate: ([text, pattern, replacement]) => {
    const program = matchProgram(pattern as string);
    return program === null ? null : replaceMatches(program, text as string, replacement as string);
  },
  check: ([, pattern, replacement]) => {
    const wrong = checkPattern(pattern);
    if (wrong !== null || typeof replacement !== 'string' || replacement.length <= bounds.pattern_units) return wrong;
    return `the replacement has ${replacement.length} characters, at most ${bounds.pattern_units} are allowed`;
  },
  summary: 'Every match replaced; \\1 to \\9 in the replacement stand for groups, \\0 for the match.',
  example: { text: "regexp_replace('acct_17', '[0-9]+', '#')", value: 'acct_#' },
});

/** Tests and rewrites by a pattern. Neither form can be made slow by what it is matched against. */
export const patternFunctions: readonly ScalarFunction[] = [
  define({
    name: 'like',
    signature: 'text LIKE pattern',
    group: 'string',
    parameters: ['string', 'string'],
    result: 'bool',
    evaluate: ([text, pattern]) => like(text, pattern, likeTests),
    check: checkLikeLiteral,
    summary: 'Whether the whole text fits: % is any text, _ one code point, \\ takes the next one as it is.',
    example: { text: "'mail.example' LIKE 'mail.%'", value: true },
  }),
  define({
    name: 'ilike',
    signature: 'text ILIKE pattern',
    group: 'string',
    parameters: ['string', 'string'],
    result: 'bool',
    evaluate: ([text, pattern]) => like((text as string).toLowerCase(), pattern, ilikeTests),
    check: checkLikeLiteral,
    summary: 'LIKE after both sides are put in lower case.',
    example: { text: "'Mail.Example' ILIKE '%.example'", value: true },
  }),
  define({
    name: 'matches',
    signature: 'text ~ pattern',
    group: 'string',
    parameters: ['string', 'string'],
    result: 'bool',
    evaluate: ([text, pattern]) => regularExpression(pattern as string)?.test(text as string) ?? null,
    check: ([, pattern]) => checkPattern(pattern),
    summary: `Whether the regular expression (RE2 syntax, linear time, at most ${bounds.pattern_steps} steps) matches somewhere in the text.`,
    example: { text: "'svc_backup' ~ '^svc_'", value: true },
  }),
  regexpExtract,
  regexpReplace,
];
