import type { WhyCondition } from './answer.ts';

/** A row or a group at one time, with the conditions that were asked there. */
interface Judged {
  readonly at_ms: number;
  readonly conditions: readonly WhyCondition[];
}

/** The one with most conditions true, then with the sides of its comparisons nearest to each other; the last of equals. */
export function furthest<Row extends Judged>(rows: readonly Row[]): Row | null {
  let best: Row | null = null;
  let score = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const own = row.conditions.reduce((sum, one) => sum + nearness(one), 0);
    if (own >= score) [best, score] = [row, own];
  }
  return best;
}

function nearness({ truth, left, right, parts }: WhyCondition): number {
  if (truth === true) return 1;
  // OR is as near as its nearest side, AND as its furthest.
  if (parts !== undefined) {
    const own = parts.all.map(nearness);
    return parts.of === 'or' ? Math.max(...own) : Math.min(...own);
  }
  if (typeof left !== 'number' || typeof right !== 'number') return 0;
  return 1 - Math.abs(left - right) / (Math.abs(left) + Math.abs(right) + 1);
}

/** The one whose time is nearest; the last of equals. */
export function closest<Row extends Judged>(rows: readonly Row[], at_ms: number): Row | null {
  return rows.reduce<Row | null>(
    (best, row) => (best === null || Math.abs(row.at_ms - at_ms) <= Math.abs(best.at_ms - at_ms) ? row : best),
    null,
  );
}
