/** What the statistical aggregates mean, as plainly as it can be said, without any code of the product. */
import type { StatisticName } from './case.ts';

type Scalar = string | number | boolean;

/** The values are without NULLs; the numbers among them are small and whole. `second`: see AggregateRule. */
export const statistics: Record<StatisticName, (values: readonly Scalar[], second: number) => unknown> = {
  stddev: (values) => {
    const n = values.length;
    if (n < 2) return null;
    const sum = total(values as readonly number[]);
    const squares = total((values as readonly number[]).map((value) => value * value));
    return Math.sqrt((n * squares - sum * sum) / (n * (n - 1)));
  },
  approx_count_distinct: (values) => new Set(values).size,
  approx_percentile: (values, share) => {
    const sorted = [...(values as readonly number[])].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  },
  top: (values, n) => {
    const pairs = counted(values).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return pairs.slice(0, n);
  },
  entropy: (values) => {
    if (values.length === 0) return null;
    const shares = counted(values).map(([, count]) => count / values.length);
    return total(shares.sort((a, b) => a - b).map((share) => share * -Math.log2(share))) + 0;
  },
};

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}

function counted(values: readonly Scalar[]): [Scalar, number][] {
  return [...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length]);
}
