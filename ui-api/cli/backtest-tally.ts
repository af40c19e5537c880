import type { Detection, OperatorSpec, Program } from '../../engine/index.ts';

/** What one rule found in a backtest. Times are epoch milliseconds. */
export interface RuleTally {
  /** Not suppressed. */
  detections: number;
  suppressed: number;
  /** Different keys among the detections. */
  readonly keys: Set<string>;
  first: number | null;
  last: number | null;
}

/** Counts detections per rule as they come; rules that found nothing stand in it with zeros. */
export class BacktestTally {
  readonly rules: ReadonlyMap<string, RuleTally>;

  constructor(program: Program) {
    const names = program.operators.filter((operator) => operator.kind === 'rule').map((operator) => operator.name);
    this.rules = new Map(
      names.map((name) => [name, { detections: 0, suppressed: 0, keys: new Set(), first: null, last: null }]),
    );
  }

  add(detection: Detection): void {
    const tally = this.rules.get(detection.rule) as RuleTally;
    if (detection.suppressed_by !== null) {
      tally.suppressed++;
      return;
    }
    tally.detections++;
    tally.keys.add(JSON.stringify([detection.tenant, detection.key]));
    tally.first ??= detection.decided_at;
    tally.last = detection.decided_at;
  }

  get detections(): number {
    return [...this.rules.values()].reduce((sum, tally) => sum + tally.detections, 0);
  }
}

/**
 * How far back a rule remembers, with the views it reads and its suppression (S14): what a backtest that begins at
 * --since needs before it.
 */
export function memoryHorizons(program: Program): Map<string, number> {
  const made = new Map<number, OperatorSpec>();
  for (const operator of program.operators) if (operator.kind === 'view') made.set(operator.output_stream, operator);
  const horizon = (operator: OperatorSpec): number => {
    const input = made.get(operator.input);
    const own = (operator.window?.size_ms ?? 0) + (operator.suppress?.for_ms ?? 0);
    return own + (input === undefined ? 0 : horizon(input));
  };
  return new Map(program.operators.map((operator) => [operator.name, horizon(operator)]));
}
