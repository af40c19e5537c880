import type { Detection } from '../detection.ts';

/** A pending detection without its texts, at most (V8): its objects, and its place in the map. */
const PENDING_BYTES = 1_000;

interface Pending {
  readonly detection: Detection;
  readonly core: string;
  readonly bytes: number;
}

/** How many early detections may be pending at a time, and what they may take. */
export interface EarlyBounds {
  readonly most: number;
  readonly most_bytes: number;
}

/** Early detections that W has not passed yet, by id. What finds no room is not told early. */
export class EarlyPending {
  readonly #bounds: EarlyBounds;
  readonly #byId = new Map<string, Pending>();
  #bytes = 0;
  /** Detections that found no room, by the bound: of the number, and of the bytes. */
  dropped = 0;
  dropped_bytes = 0;

  constructor(bounds: EarlyBounds) {
    this.#bounds = bounds;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Whether it found room. */
  add(detection: Detection): boolean {
    if (this.#byId.size >= this.#bounds.most) {
      this.dropped++;
      return false;
    }
    const pending = pendingOf(detection);
    if (this.#bytes + pending.bytes > this.#bounds.most_bytes) {
      this.dropped_bytes++;
      return false;
    }
    this.#byId.set(detection.id, pending);
    this.#bytes += pending.bytes;
    return true;
  }

  /** Takes it out. Whether it was there with the core that this final detection has; null: it was not there. */
  settle(final: Detection): boolean | null {
    const pending = this.#byId.get(final.id);
    if (pending === undefined) return null;
    this.#remove(pending);
    return pending.core === coreText(final);
  }

  /** Takes out and gives those that can no longer become final. */
  takeWhere(isOver: (detection: Detection) => boolean): Detection[] {
    const over: Pending[] = [];
    for (const pending of this.#byId.values()) if (isOver(pending.detection)) over.push(pending);
    for (const pending of over) this.#remove(pending);
    return over.map(({ detection }) => detection);
  }

  #remove({ detection, bytes }: Pending): void {
    this.#byId.delete(detection.id);
    this.#bytes -= bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** In the order in which they were found. */
  get detections(): Detection[] {
    return [...this.#byId.values()].map(({ detection }) => detection);
  }

  /** Those of a snapshot, which had room. */
  restore(detections: readonly Detection[]): void {
    for (const detection of detections) {
      const pending = pendingOf(detection);
      this.#byId.set(detection.id, pending);
      this.#bytes += pending.bytes;
    }
  }
}

/** What it takes: its texts stand in it and in its core, of two bytes for each unit at most. */
function pendingOf(detection: Detection): Pending {
  const core = coreText(detection);
  const lookups = detection.lookups === undefined ? 0 : JSON.stringify(detection.lookups).length;
  return { detection, core, bytes: PENDING_BYTES + 4 * core.length + 2 * lookups };
}

/** What must be equal for a final detection to be the early one: its core (S6), its times, and whether policy hides it. */
function coreText(detection: Detection): string {
  const { id, tenant, key, window, decided_at, first_event_at, last_event_at } = detection;
  const { values, evidence, evidence_total, suppressed_by } = detection;
  const times = [window, decided_at, first_event_at, last_event_at];
  return JSON.stringify([id, tenant, key, times, values, evidence, evidence_total, suppressed_by !== null]);
}
