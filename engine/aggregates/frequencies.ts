import { compareValues, type Value } from '../value.ts';

/** How often each value occurs, by the number that stands for it (equal values have equal numbers). */
export function frequencies(raws: Float64Array, count: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = 0; i < count; i++) found.set(raws[i], (found.get(raws[i]) ?? 0) + 1);
  return found;
}

/** The `limit` most frequent values as [value, how often], the most frequent first; equally frequent ones by value. */
export function mostFrequent(
  found: ReadonlyMap<number, number>,
  limit: number,
  read: (raw: number) => Value,
): readonly (readonly [Value, number])[] {
  // Values are read only of those that may be shown: texts of a million rare ones would be read to no end.
  const counts = [...found.values()].sort((a, b) => b - a);
  const least = counts.length > limit ? counts[limit - 1] : 0;
  const shown = [...found].filter(([, count]) => count >= least);
  const pairs = shown.map(([raw, count]): readonly [Value, number] => [read(raw), count]);
  return pairs.sort((a, b) => b[1] - a[1] || compareValues(a[0], b[0])).slice(0, limit);
}

/**
 * Shannon's entropy of the values in bits (A mathematical theory of communication, 1948): 0 when all are equal, log2(n)
 * when n values are equally frequent. null over no values. Summed over the counts in their order, so that it depends on
 * them alone.
 */
export function entropyBits(found: ReadonlyMap<number, number>, count: number): number | null {
  if (count === 0) return null;
  let bits = 0;
  for (const occurrences of [...found.values()].sort((a, b) => a - b)) {
    const share = occurrences / count;
    bits -= share * Math.log2(share);
  }
  return bits;
}
