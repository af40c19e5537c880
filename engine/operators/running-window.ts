import { type Running, runningOf, UNKNOWN } from '../aggregates/running.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Value } from '../value.ts';
import type { Judge } from './judge.ts';

/** Rows that a ring begins with: many windows hold few, of keys whose rows are other rules'. */
const FIRST_ROWS = 16;

/** Bytes of a row in each of its rings, and about what its aggregates keep of it. */
const ROW_BYTES = 44;

/**
 * The aggregates of one operator over one key's window, kept while rows come and leave, so that a flood on one key does
 * not read all its rows again at every event. It is no state of its own: whoever loses it makes it again from the rows.
 */
export class RunningWindow {
  readonly #judge: Judge;
  readonly #aggregates: readonly (Running | null)[];
  /** Rings: times, rows, and per aggregate the number that counts (NaN: none). */
  #times = new Float64Array(FIRST_ROWS);
  #rows = new Int32Array(FIRST_ROWS);
  #raws: Float64Array[];
  /** Ordinals of the oldest row and of the one that comes next. */
  #first = 0;
  #next = 0;
  readonly #values: Value[];

  constructor(judge: Judge) {
    this.#judge = judge;
    this.#aggregates = judge.inputs.map(({ spec, shape }) => runningOf(spec, shape, judge.symbols));
    this.#raws = judge.inputs.map(() => new Float64Array(FIRST_ROWS));
    this.#values = judge.inputs.map(() => null);
  }

  get count(): number {
    return this.#next - this.#first;
  }

  get bytes(): number {
    return this.#times.length * ROW_BYTES;
  }

  /** Time of the oldest row; the window must not be empty. */
  get first_event_at(): number {
    return this.#times[this.#first & (this.#times.length - 1)];
  }

  /** A row came: the newest of the window. */
  add(row: number, time: number): void {
    if (this.count === this.#times.length) this.#grow();
    const at = this.#next & (this.#times.length - 1);
    this.#times[at] = time;
    this.#rows[at] = row;
    for (let k = 0; k < this.#raws.length; k++) {
      const raw = this.#judge.rawOf(k, row);
      this.#raws[k][at] = raw;
      if (!Number.isNaN(raw)) this.#aggregates[k]?.add(raw, this.#next);
    }
    this.#next++;
  }

  /** Rows before this time leave. */
  leave(from: number): void {
    const mask = this.#times.length - 1;
    while (this.#first < this.#next && this.#times[this.#first & mask] < from) {
      const at = this.#first & mask;
      for (let k = 0; k < this.#raws.length; k++) {
        const raw = this.#raws[k][at];
        if (!Number.isNaN(raw)) this.#aggregates[k]?.remove(raw, this.#first);
      }
      this.#first++;
    }
  }

  /** Puts the newest rows, at most `most`, into `window`. */
  collect(window: WindowRows, most: number): void {
    const mask = this.#times.length - 1;
    window.count = 0;
    for (let n = this.#next - 1; n >= this.#first && window.count < most; n--) {
      window.add(this.#rows[n & mask], this.#times[n & mask]);
    }
  }

  /** The values of these aggregates in their places, the others null; null as a whole where one cannot be said. */
  values(wanted: readonly number[]): readonly Value[] | null {
    for (const k of wanted) {
      let value = this.#aggregates[k]?.value() ?? null;
      if (value === UNKNOWN) value = this.#inOrder(k);
      if (value === UNKNOWN) return null;
      this.#values[k] = value as Value;
    }
    return this.#values;
  }

  /** What only all rows in order can tell, a sum of fractions: from the ring, not by the key's rows. */
  #inOrder(k: number): Value | typeof UNKNOWN {
    const ring = this.#raws[k];
    const ordered = this.#judge.room(this.count);
    let count = 0;
    for (let n = this.#first; n < this.#next; n++) {
      const raw = ring[n & (ring.length - 1)];
      if (!Number.isNaN(raw)) ordered[count++] = raw;
    }
    const value = this.#judge.valueOf(k, count);
    // A sum that came to nothing is counted where the rows are read.
    return value === null && count > 0 ? UNKNOWN : value;
  }

  #grow(): void {
    const old = this.#times.length;
    const larger = (ring: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(old * 2);
      for (let n = this.#first; n < this.#next; n++) grown[n & (old * 2 - 1)] = ring[n & (old - 1)];
      return grown;
    };
    const rows = new Int32Array(old * 2);
    for (let n = this.#first; n < this.#next; n++) rows[n & (old * 2 - 1)] = this.#rows[n & (old - 1)];
    this.#rows = rows;
    this.#times = larger(this.#times);
    this.#raws = this.#raws.map(larger);
  }
}
