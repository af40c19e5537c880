import type { OperatorStats } from '../fold/stats.ts';
import type { Program } from '../program.ts';

/** Whether a rule saw all the history that its answers from `since` on depend on (S14). */
export interface RuleCoverage {
  readonly rule: string;
  readonly coverage: 'warm' | 'partial';
  /** How far back the rule remembers: its window, those of the views it reads, and its SUPPRESS interval. */
  readonly horizon_ms: number;
}

/**
 * Per rule `warm` or `partial`: does the history, which begins with its first accepted event, reach back to since less
 * the rule's horizon. Without `since` the whole history is asked about, and nothing lies before it: all are warm.
 */
export function ruleCoverage(
  program: Program,
  operators: readonly OperatorStats[],
  since_ms: number | null,
  first_event_ms: number | null,
): RuleCoverage[] {
  const byStream: number[] = [0];
  const found: RuleCoverage[] = [];
  program.operators.forEach((operator, index) => {
    const horizon_ms =
      operators[index].horizon_ms +
      byStream[operator.input] +
      (operator.suppress === null ? 0 : operator.suppress.for_ms);
    if (operator.kind === 'view') byStream[operator.output_stream] = horizon_ms;
    else found.push({ rule: operator.name, coverage: coverageOf(since_ms, first_event_ms, horizon_ms), horizon_ms });
  });
  return found;
}

function coverageOf(since_ms: number | null, first_event_ms: number | null, horizon_ms: number): 'warm' | 'partial' {
  if (since_ms === null) return 'warm';
  return first_event_ms !== null && first_event_ms <= since_ms - horizon_ms ? 'warm' : 'partial';
}
