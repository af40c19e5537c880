import type { Snapshot } from '../snapshot.ts';

/**
 * Ids of detections that are final, until nothing can be told early of them any more; at most so many. Of those that
 * found no room it knows up to when the last one would have stood here.
 */
export class Settled {
  readonly #most: number;
  /** By id until when, in epoch milliseconds. */
  readonly #until = new Map<string, number>();
  /** No time in #until lies before this. */
  #soonest_ms = Number.POSITIVE_INFINITY;
  #unknown_ms = Number.NEGATIVE_INFINITY;

  constructor(most: number) {
    this.#most = most;
  }

  add(id: string, until_ms: number): void {
    if (this.#until.size >= this.#most) {
      this.#unknown_ms = Math.max(this.#unknown_ms, until_ms);
      return;
    }
    this.#until.set(id, until_ms);
    this.#soonest_ms = Math.min(this.#soonest_ms, until_ms);
  }

  has(id: string): boolean {
    return this.#until.has(id);
  }

  get size(): number {
    return this.#until.size;
  }

  /** Whether an id that stands here up to this time may be one that found no room. */
  mayMiss(until_ms: number): boolean {
    return until_ms <= this.#unknown_ms;
  }

  /** What lies before `reached_ms` is past. */
  forget(reached_ms: number): void {
    if (this.#soonest_ms >= reached_ms) return;
    this.#soonest_ms = Number.POSITIVE_INFINITY;
    for (const [id, until_ms] of this.#until) {
      if (until_ms < reached_ms) this.#until.delete(id);
      else this.#soonest_ms = Math.min(this.#soonest_ms, until_ms);
    }
  }

  snapshot(): Snapshot {
    return { until: JSON.stringify([...this.#until]), unknown: Float64Array.of(this.#unknown_ms) };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { until: string; unknown: Float64Array };
    for (const [id, until_ms] of JSON.parse(from.until) as [string, number][]) this.add(id, until_ms);
    this.#unknown_ms = from.unknown[0];
  }
}
