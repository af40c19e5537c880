import { type Running, runningOf, UNKNOWN } from '../aggregates/running.ts';
import { readValue } from '../route/column-values.ts';
import type { RowTable } from '../state/row-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Value } from '../value.ts';
import type { Judge } from './judge.ts';

/** Rows that a ring has at least: many windows hold few, of keys whose rows are other rules'. */
const FIRST_ROWS = 16;

/** What stands of an aggregate at the head of the ring: how many rows count for it, and the newest one's number. */
const COUNT = 0;
const LAST = 1;
const HEAD = 2;

/** What stands of a row behind that: its time, its number, and then what counts for each aggregate. */
const TIME = 0;
const ROW = 1;
const RAWS = 2;

/** About what the aggregates keep of a row, in bytes. */
const KEPT_BYTES = 16;

/** Ids of events that are kept between two emissions are this short, in units of UTF-16; and about what one takes, in bytes. */
const SHORT_ID = 64;
const SHOWN_BYTES = 80;

/**
 * The aggregates of one operator over one key's window, kept while rows come and leave, so that a flood on one key does
 * not read all its rows again at every event. It is no state of its own: whoever loses it makes it again from the rows.
 */
export class RunningWindow {
  readonly #judge: Judge;
  /** Those that the head does not tell. */
  readonly #forms: readonly (Running | null)[];
  /** Numbers of a row in the ring; what counts for an aggregate is NaN where nothing does. */
  readonly #stride: number;
  #ring: Float64Array;
  /** Where its rows begin. */
  readonly #rows: number;
  /** Rows of the ring, less one. */
  #mask = FIRST_ROWS - 1;
  /** Ordinals of the oldest row and of the one that comes next. */
  #first = 0;
  #next = 0;
  readonly #values: Value[];
  /** The ids that were shown last, and the ordinal of the row behind them; null: they are not kept. */
  #shown: readonly string[] | null = null;
  #shownTo = 0;

  /** @param rows how many it will have at once, about */
  constructor(judge: Judge, rows: number) {
    this.#judge = judge;
    while (this.#mask < rows) this.#mask = 2 * this.#mask + 1;
    this.#forms = judge.inputs.map(({ spec, shape }) => runningOf(spec, shape, judge.symbols));
    this.#rows = HEAD * judge.inputs.length;
    this.#stride = RAWS + judge.inputs.length;
    this.#ring = new Float64Array(this.#rows + (this.#mask + 1) * this.#stride);
    this.#values = judge.inputs.map(() => null);
  }

  get count(): number {
    return this.#next - this.#first;
  }

  get bytes(): number {
    return this.#ring.byteLength + (this.#mask + 1) * KEPT_BYTES + (this.#shown?.length ?? 0) * SHOWN_BYTES;
  }

  /** Time of the oldest row; the window must not be empty. */
  get first_event_at(): number {
    return this.#ring[this.#rows + (this.#first & this.#mask) * this.#stride + TIME];
  }

  /** A row came: the newest of the window. */
  add(row: number, time: number): void {
    if (this.count > this.#mask) this.#grow();
    const ring = this.#ring;
    const at = this.#rows + (this.#next & this.#mask) * this.#stride;
    ring[at + TIME] = time;
    ring[at + ROW] = row;
    for (let k = 0; k < this.#forms.length; k++) {
      const raw = this.#judge.rawOf(k, row);
      ring[at + RAWS + k] = raw;
      if (Number.isNaN(raw)) continue;
      ring[HEAD * k + COUNT]++;
      ring[HEAD * k + LAST] = raw;
      this.#forms[k]?.add(raw, this.#next);
    }
    this.#next++;
  }

  /** Rows before this time leave. */
  leave(from: number): void {
    const ring = this.#ring;
    for (; this.#first < this.#next; this.#first++) {
      const at = this.#rows + (this.#first & this.#mask) * this.#stride;
      if (ring[at + TIME] >= from) return;
      for (let k = 0; k < this.#forms.length; k++) {
        const raw = ring[at + RAWS + k];
        if (Number.isNaN(raw)) continue;
        ring[HEAD * k + COUNT]--;
        this.#forms[k]?.remove(raw, this.#first);
      }
    }
  }

  /** Puts the newest rows, at most `most`, into `window`. */
  collect(window: WindowRows, most: number): void {
    const ring = this.#ring;
    window.count = 0;
    for (let n = this.#next - 1; n >= this.#first && window.count < most; n--) {
      const at = this.#rows + (n & this.#mask) * this.#stride;
      window.add(ring[at + ROW], ring[at + TIME]);
    }
  }

  /**
   * The ids of its last `most` rows, which are an event each, in order. At each event of a flood it is those that were shown at
   * the one before, but for the oldest, and the new one: only what is new is read. Collects the newest rows into `window`.
   */
  newestIds(table: RowTable, window: WindowRows, most: number): string[] {
    const fresh = this.#next - this.#shownTo;
    const shown = this.#shown;
    const kept = most - fresh;
    const knows = shown !== null && kept > 0 && kept <= shown.length;
    const read = knows ? fresh : most;
    this.collect(window, Math.max(1, read));
    const newest = table.idsOf(window.rows, read);
    const ids = knows ? shown.slice(shown.length - kept) : newest;
    if (knows) for (let k = 0; k < newest.length; k++) ids.push(newest[k]);
    let isShort = most > 0;
    for (let k = 0; k < newest.length; k++) isShort &&= newest[k].length <= SHORT_ID;
    this.#shown = isShort ? ids : null;
    this.#shownTo = this.#next;
    return ids;
  }

  /** The values of these aggregates in their places, the others null; null as a whole where one cannot be said. */
  values(wanted: readonly number[]): readonly Value[] | null {
    for (const k of wanted) {
      let value = this.#valueOf(k);
      if (value === UNKNOWN) value = this.#inOrder(k);
      if (value === UNKNOWN) return null;
      this.#values[k] = value as Value;
    }
    return this.#values;
  }

  #valueOf(k: number): Value | typeof UNKNOWN {
    const form = this.#forms[k];
    if (form !== null) return form.value();
    const { kept_by, shape } = this.#judge.inputs[k];
    const count = this.#ring[HEAD * k + COUNT];
    if (kept_by === 'count') return count;
    return count > 0 ? readValue(shape, this.#ring[HEAD * k + LAST], this.#judge.symbols) : null;
  }

  /** What only all rows in order can tell, a sum of fractions: from the ring, not by the key's rows. */
  #inOrder(k: number): Value | typeof UNKNOWN {
    const ordered = this.#judge.room(this.count);
    let count = 0;
    for (let n = this.#first; n < this.#next; n++) {
      const raw = this.#ring[this.#rows + (n & this.#mask) * this.#stride + RAWS + k];
      if (!Number.isNaN(raw)) ordered[count++] = raw;
    }
    const value = this.#judge.valueOf(k, count);
    // A sum that came to nothing is counted where the rows are read.
    return value === null && count > 0 ? UNKNOWN : value;
  }

  #grow(): void {
    const [old, mask, stride, rows] = [this.#ring, this.#mask, this.#stride, this.#rows];
    this.#mask = 2 * mask + 1;
    this.#ring = new Float64Array(rows + (this.#mask + 1) * stride);
    this.#ring.set(old.subarray(0, rows));
    for (let n = this.#first; n < this.#next; n++) {
      const from = rows + (n & mask) * stride;
      const to = rows + (n & this.#mask) * stride;
      for (let k = 0; k < stride; k++) this.#ring[to + k] = old[from + k];
    }
  }
}
