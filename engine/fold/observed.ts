import type { Batch } from '../batch.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * HOT. Since when each tenant is known: from its first accepted event on, what does not come is silence; before it
 * nothing is known, and unknown is not absent. A stream with more tenants than the bound is observed for the first ones.
 */
export class Observed {
  readonly #most: number;
  /** By tenant id, in the order of their first events. */
  #since = new Map<number, number>();
  #last = 0;
  /** Events of tenants that found no room. */
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Must be called with every batch of events before its rows are folded. */
  see({ count, tenant, time }: Batch): void {
    for (let i = 0; i < count; i++) {
      const id = tenant[i];
      if (id === this.#last) continue;
      if (!this.#since.has(id)) {
        if (this.#since.size >= this.#most) {
          this.dropped++;
          continue;
        }
        this.#since.set(id, time[i]);
      }
      this.#last = id;
    }
  }

  /** Tenant ids with the times of their first events, which rise. */
  get tenants(): Iterable<[number, number]> {
    return this.#since;
  }

  /** Time of the first event; Infinity before it. */
  get from_ms(): number {
    for (const time of this.#since.values()) return time;
    return Number.POSITIVE_INFINITY;
  }

  markUsed(used: Uint8Array): void {
    for (const id of this.#since.keys()) used[id] = 1;
  }

  snapshot(): Snapshot {
    return {
      tenants: Int32Array.from(this.#since.keys()),
      since: Float64Array.from(this.#since.values()),
      dropped: this.dropped,
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { tenants: Int32Array; since: Float64Array; dropped: number };
    this.#since = new Map([...from.tenants].map((id, i) => [id, from.since[i]]));
    this.#last = 0;
    this.dropped = from.dropped;
  }
}
