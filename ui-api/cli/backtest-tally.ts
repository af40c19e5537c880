import type { Program } from '../../engine/index.ts';
import { KeyCount } from './key-count.ts';
import type { ShownDetection } from './shown-detection.ts';

/** What one rule found in a backtest. Times are epoch milliseconds. */
export interface RuleTally {
  /** Not suppressed. */
  detections: number;
  suppressed: number;
  /** Further revisions of its detections: escalated, updated, closed, opened again. */
  revisions: number;
  /** Different keys among the detections. */
  readonly keys: KeyCount;
  first: number | null;
  last: number | null;
}

/** Counts detections per rule as they come; rules that found nothing stand in it with zeros. */
export class BacktestTally {
  readonly rules: ReadonlyMap<string, RuleTally>;

  constructor(program: Program) {
    const names = program.operators.filter((operator) => operator.kind === 'rule').map((operator) => operator.name);
    this.rules = new Map(
      names.map((name) => [
        name,
        { detections: 0, suppressed: 0, revisions: 0, keys: new KeyCount(), first: null, last: null },
      ]),
    );
  }

  add(detection: ShownDetection): void {
    const tally = this.rules.get(detection.rule) as RuleTally;
    if (detection.revision > 1) {
      tally.revisions++;
      return;
    }
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
