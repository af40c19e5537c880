import { type Bounds, clearPayload, feedPayload, heldFrom } from '../operators/bounds.ts';
import type { Snapshot } from '../snapshot.ts';
import { KEY_NEWEST } from '../state/key-table.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { collect, type WindowParts } from './timed-window.ts';

/** since() does not know: there is nothing that could be kept of HAVING. */
const UNKNOWN = Number.POSITIVE_INFINITY;

/**
 * HOT. The lower bounds of HAVING, kept per key (../operators/bounds.ts), so that a window that is decided early is judged
 * by its rows only where they hold. A key with fewer rows than the bounds need costs nothing. What is kept may have seen
 * rows that are gone: it never says "no" wrongly, and where it says "maybe" the rows decide.
 */
export class HotBounds {
  readonly #parts: WindowParts;
  readonly #local: number;
  readonly #bounds: Bounds;
  /** Record 0 is "none". */
  readonly #records: Records;

  constructor(parts: WindowParts, local: number) {
    this.#parts = parts;
    this.#local = local;
    this.#bounds = parts.operators[local].bounds;
    this.#records = new Records(Math.max(1, this.#bounds.payload));
    this.#records.allocate();
  }

  /**
   * Takes in the key's newest row, which has this time; must be called for every row of the operator until forget().
   * The bounds do not hold for the rows from any time after the result on. No window before `from` is asked about again.
   */
  since(state: number, key: number, time: number, from: number): number {
    const { states, table, keys, window } = this.#parts;
    const bounds = this.#bounds;
    if (bounds.payload === 0) return UNKNOWN;
    let record = states.payloadOf(state);
    const fresh = record <= 0;
    if (fresh) {
      // Below 0 it counts the rows instead: mostly they are too few, whichever are still there.
      const rows = 1 - record;
      if (rows >= bounds.least_rows) collect(this.#parts, this.#local, key, from, UNKNOWN);
      const count = rows >= bounds.least_rows ? window.count : rows;
      if (count < bounds.least_rows) {
        states.setPayload(state, -count);
        return Number.NEGATIVE_INFINITY;
      }
      record = this.#records.allocate();
      states.setPayload(state, record);
    }
    const payload = this.#records.doubles[record >> SEGMENT_BITS];
    const at = (record & SEGMENT_MASK) * this.#records.stride;
    if (fresh) {
      clearPayload(bounds, payload, at);
      for (let k = window.count - 1; k >= 0; k--) {
        feedPayload(bounds, payload, at, table, window.rows[k], window.times[k], from);
      }
    } else feedPayload(bounds, payload, at, table, keys.get(key, KEY_NEWEST), time, from);
    return heldFrom(bounds, payload, at, from);
  }

  /** The operator has so many rows of the key, which since() did not see. */
  wake(state: number, rows: number): void {
    this.#parts.states.setPayload(state, -rows);
  }

  forget(state: number): void {
    const record = this.#parts.states.payloadOf(state);
    if (record > 0) this.#records.free(record);
    // Rows that are there are not counted again: with as many as the bounds need, the next one is looked at.
    this.#parts.states.setPayload(state, -this.#bounds.least_rows);
  }

  get allocated_bytes(): number {
    return this.#records.allocated_bytes;
  }

  snapshot(): Snapshot {
    return this.#records.snapshot();
  }

  restore(snapshot: Snapshot): void {
    this.#records.restore(snapshot);
  }
}
