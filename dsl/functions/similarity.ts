import type { Value } from '../../engine/index.ts';
import { bounds } from './bounds.ts';
import { codePointsOf } from './code-points.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { skeletonOf } from './skeleton.ts';

/** Least number of insertions, deletions and replacements that turn a into b. Two rows of the table are kept. */
export function levenshteinDistance(a: readonly number[], b: readonly number[]): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  let current = new Array<number>(b.length + 1).fill(0);
  for (let i = 1; i <= a.length; i++) {
    current[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(replaced, previous[j] + 1, current[j - 1] + 1);
    }
    [previous, current] = [current, previous];
  }
  return previous[b.length];
}

/** Which code points of a and b match: equal, and at most half the longer length apart; each is used once. */
function matchedPoints(a: readonly number[], b: readonly number[]): [number[], number[]] {
  const reach = Math.max(Math.floor(Math.max(a.length, b.length) / 2) - 1, 0);
  const used = new Uint8Array(b.length);
  const fromA: number[] = [];
  for (let i = 0; i < a.length; i++) {
    const end = Math.min(i + reach + 1, b.length);
    for (let j = Math.max(0, i - reach); j < end; j++) {
      if (used[j] === 1 || a[i] !== b[j]) continue;
      used[j] = 1;
      fromA.push(a[i]);
      break;
    }
  }
  return [fromA, b.filter((_, j) => used[j] === 1)];
}

/** Jaro's similarity raised by the common prefix (at most 4, weight 0.1) where it is above 0.7 (Winkler 1990). */
export function jaroWinklerSimilarity(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 && b.length === 0) return 1;
  const [fromA, fromB] = matchedPoints(a, b);
  const matches = fromA.length;
  if (matches === 0) return 0;
  const transpositions = fromA.filter((point, i) => point !== fromB[i]).length / 2;
  const jaro = (matches / a.length + matches / b.length + (matches - transpositions) / matches) / 3;
  if (jaro <= 0.7) return jaro;
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a[prefix] === b[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** Compares two texts of bounded length by code points; NULL beyond the bound. */
function compareBounded(
  [a, b]: readonly Value[],
  compare: (a: readonly number[], b: readonly number[]) => number,
): number | null {
  const [left, right] = [codePointsOf(a as string), codePointsOf(b as string)];
  return Math.max(left.length, right.length) > bounds.similarity_code_points ? null : compare(left, right);
}

const beyond = `NULL where one is longer than ${bounds.similarity_code_points} code points.`;

/** How alike two texts are, for names that imitate another. */
export const similarityFunctions: readonly ScalarFunction[] = [
  define({
    name: 'levenshtein',
    signature: 'levenshtein(a, b)',
    group: 'string',
    parameters: ['string', 'string'],
    result: 'int',
    evaluate: (values) => compareBounded(values, levenshteinDistance),
    summary: `Least number of insertions, deletions and replacements of code points from a to b; ${beyond}`,
    example: { text: "levenshtein('support', 'suport1')", value: 2 },
  }),
  define({
    name: 'jaro_winkler',
    signature: 'jaro_winkler(a, b)',
    group: 'string',
    parameters: ['string', 'string'],
    result: 'float',
    evaluate: (values) => compareBounded(values, jaroWinklerSimilarity),
    summary: `Likeness of two names from 0 to 1, a common beginning counts more; ${beyond}`,
    example: { text: "round(jaro_winkler('martha', 'marhta'), 3)", value: 0.961 },
  }),
  define({
    name: 'skeleton',
    signature: 'skeleton(text)',
    group: 'string',
    parameters: ['string'],
    result: 'string',
    evaluate: ([text]) => skeletonOf(text as string),
    summary:
      'The text as the eye reads it: no accents, lower case, common look-alikes of other scripts and digits folded. ' +
      'A small set and not all of UTS 39; compare skeleton(a) with skeleton(b).',
    example: { text: "skeleton('раураI') = skeleton('paypai')", value: true },
  }),
];
