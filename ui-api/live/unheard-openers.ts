import type { Detection, Program } from '../../engine/index.ts';
import type { DetectionRecord } from '../api/service.ts';

interface Unheard {
  readonly record: DetectionRecord;
  readonly until_ms: number;
}

/**
 * Detections of changed rules that were not published because they are history, and until when each suppresses others
 * (SUPPRESS): nobody got them, so the first one that they suppress brings them along.
 */
export class UnheardOpeners {
  readonly #openers = new Map<string, Unheard>();

  /** @param from_ms what is decided before is history */
  keep(program: Program, detection: Detection, record: DetectionRecord, from_ms: number): void {
    const { suppress } = program.operators[detection.operator];
    if (suppress === null || detection.suppressed_by !== null) return;
    // A further revision neither begins nor prolongs its interval.
    if (detection.revision > 1) return;
    const until_ms = detection.decided_at + suppress.for_ms;
    if (until_ms > from_ms) this.#openers.set(detection.id, { record, until_ms });
  }

  /** The record that suppresses this one and was not heard of; it is heard of now. Null: there is none. */
  take({ suppressed_by }: Detection): DetectionRecord | null {
    const opener = this.#openers.get(suppressed_by ?? '');
    if (opener === undefined) return null;
    this.#openers.delete(opener.record.id);
    return opener.record;
  }

  /** For the checkpoint: those that may still suppress, as text. */
  snapshot(watermark_ms: number | null): string {
    for (const [id, { until_ms }] of this.#openers) {
      if (watermark_ms !== null && until_ms <= watermark_ms) this.#openers.delete(id);
    }
    return JSON.stringify([...this.#openers.values()]);
  }

  restore(text: string): void {
    for (const one of JSON.parse(text) as Unheard[]) this.#openers.set(one.record.id, one);
  }
}
