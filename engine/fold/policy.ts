import type { Detection } from '../detection.ts';
import type { OperatorSpec, Program } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';

/** From a detection that was not suppressed: until when it suppresses those of the same SUPPRESS key, and its id. */
interface Interval {
  readonly until: number;
  readonly id: string;
}

/**
 * SUPPRESS BY k FOR t (S13): [t0, t0 + t) from the first detection that was not suppressed. It sees detections one by
 * one in total order. Suppressed ones are kept and name the one that suppressed them. The key includes the tenant.
 */
export class Policy {
  readonly #specs: readonly OperatorSpec[];
  /** By operator: intervals by SUPPRESS key, in the order of their ends (for_ms is one per operator). */
  readonly #intervals: readonly Map<string, Interval>[];
  readonly suppressed: Float64Array;

  constructor(program: Program) {
    this.#specs = program.operators;
    this.#intervals = program.operators.map(() => new Map());
    this.suppressed = new Float64Array(program.operators.length);
  }

  /** The detection, with suppressed_by set where an interval covers it. */
  apply(detection: Detection): Detection {
    const { suppress } = this.#specs[detection.operator];
    if (suppress === null) return detection;
    const intervals = this.#intervals[detection.operator];
    for (const [key, { until }] of intervals) {
      if (until > detection.decided_at) break;
      intervals.delete(key);
    }
    const parts = suppress.by.map(({ from, index }) => (from === 'key' ? detection.key : detection.values)[index]);
    const key = JSON.stringify([detection.tenant, ...parts]);
    const interval = intervals.get(key);
    if (interval === undefined) {
      intervals.set(key, { until: detection.decided_at + suppress.for_ms, id: detection.id });
      return detection;
    }
    this.suppressed[detection.operator]++;
    return { ...detection, suppressed_by: interval.id };
  }

  snapshot(): Snapshot {
    return {
      keys: this.#intervals.map((intervals) => [...intervals.keys()]),
      ids: this.#intervals.map((intervals) => [...intervals.values()].map(({ id }) => id)),
      until: this.#intervals.map((intervals) => Float64Array.from(intervals.values(), ({ until }) => until)),
      suppressed: this.suppressed.slice(),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { keys: string[][]; ids: string[][]; until: Float64Array[]; suppressed: Float64Array };
    this.suppressed.set(from.suppressed);
    this.#intervals.forEach((intervals, operator) => {
      intervals.clear();
      from.keys[operator].forEach((key, i) => {
        intervals.set(key, { until: from.until[operator][i], id: from.ids[operator][i] });
      });
    });
  }
}
