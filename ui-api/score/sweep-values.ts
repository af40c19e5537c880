import type { OperatorPlan } from '../../dsl/index.ts';

type Param = OperatorPlan['params'][number];

/** Steps around the value that the rule has, as factors of it. */
const factors = [0.25, 0.5, 0.75, 1, 1.5, 2, 4];

/**
 * The values that a sweep tries for a parameter, in their order: steps around its own value, and the nearest end of its
 * range (IN) where a step lies outside. Times are milliseconds. Empty for what is no number.
 */
export function sweepValues({ type, value, least, greatest }: Param): number[] {
  if (typeof value !== 'number') return [];
  const low = least ?? Number.NEGATIVE_INFINITY;
  const high = greatest ?? Number.POSITIVE_INFINITY;
  const whole = type === 'float' ? (x: number) => Number(x.toPrecision(3)) : Math.round;
  const tried = factors.map((factor) => Math.min(high, Math.max(low, factor === 1 ? value : whole(value * factor))));
  return [...new Set(tried)].sort((a, b) => a - b);
}
