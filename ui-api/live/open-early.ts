import type { Detection } from '../../engine/index.ts';
import type { DetectionRecord } from '../api/service.ts';

/** An early record whose rule is gone, as its last record says it. */
const withdrawal = { revision: 2, timing: 'final', status: 'withdrawn' } as const;

/** EMIT EARLY: the records that left early and of which nobody was told yet what became of them, by id. */
export class OpenEarly {
  #open = new Map<string, DetectionRecord>();

  /** What a run before left open. */
  restore(records: ReadonlyMap<string, DetectionRecord>): void {
    this.#open = new Map(records);
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  /** A record was told. True: it says what became of an early one. */
  told(record: DetectionRecord): boolean {
    const { id, timing } = record;
    if (timing !== 'early') return this.#open.delete(id);
    this.#open.set(id, record);
    return false;
  }

  /** For the checkpoint. */
  snapshot(): string {
    return JSON.stringify([...this.#open.values()]);
  }

  /**
   * Other rules have taken over, of which these are early and not final.
   * @returns what nobody was told of these, and the withdrawals of what no rule knows any more
   */
  compare(
    pending: Iterable<Detection>,
    detected_at: string,
  ): { readonly untold: readonly Detection[]; readonly gone: readonly DetectionRecord[] } {
    const known = new Map([...pending].map((detection) => [detection.id, detection]));
    const gone = [...this.#open.values()].filter(({ id }) => !known.has(id));
    return {
      untold: [...known.values()].filter(({ id }) => !this.#open.has(id)),
      gone: gone.map((record) => ({ ...record, ...withdrawal, detected_at })),
    };
  }
}
