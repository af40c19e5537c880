import { BLOCK_BITS, BLOCK_MASK, type HotBlocks, RING_COUNT, RING_NEXT, RING_NUMBER, RING_SIZE } from './hot-blocks.ts';
import type { RowTable } from './row-table.ts';

/**
 * HOT. The rows of one key from the newest back, read once for all operators that look at them now: from the ring of
 * the key's block as far as it reaches, then row by row. Rows are loaded as far as somebody asks; entries at and beyond
 * `loaded` are left from earlier walks.
 */
export class KeyWalk {
  rows = new Int32Array(256);
  times = new Float64Array(256);
  classes = new Int32Array(256);
  loaded = 0;
  readonly #table: RowTable;
  readonly #blocks: HotBlocks;
  /** The next row to be read from the table; -1: the one before the last that was loaded. */
  #next = -1;
  /** The ring that is read, how many of its rows are left, and the place behind the next one. */
  #doubles: Float64Array = new Float64Array(0);
  #ints: Int32Array = new Int32Array(0);
  #start = 0;
  #mask = 0;
  #place = 0;
  #left = 0;

  constructor(table: RowTable, blocks: HotBlocks) {
    this.#table = table;
    this.#blocks = blocks;
  }

  /** Begins at a key's newest row; must be called again after any row of the table has come or gone. */
  start(newest: number, block: number): void {
    this.loaded = 0;
    this.#next = newest;
    this.#left = 0;
    if (block === 0) return;
    const { records, recent } = this.#blocks;
    const ints = records.ints[block >> BLOCK_BITS];
    const at = (block & BLOCK_MASK) * records.stride * 2;
    const size = ints[at + RING_SIZE];
    const ring = ints[at + RING_NUMBER];
    this.#doubles = recent.doublesOf(size, ring);
    this.#ints = recent.intsOf(size, ring);
    this.#start = recent.startOf(size, ring);
    this.#mask = recent.capacityOf(size) - 1;
    this.#place = ints[at + RING_NEXT];
    this.#left = ints[at + RING_COUNT];
  }

  /** Loads one row more; the caller knows from the key's count that there is one. */
  load(): void {
    const at = this.loaded++;
    if (at === this.rows.length) this.#grow();
    if (this.#left > 0) {
      this.#left--;
      this.#place = (this.#place - 1) & this.#mask;
      const from = this.#start + 2 * this.#place;
      this.times[at] = this.#doubles[from];
      this.rows[at] = this.#ints[2 * from + 2];
      this.classes[at] = this.#ints[2 * from + 3];
      this.#next = -1;
      return;
    }
    const row = this.#next >= 0 ? this.#next : this.#table.previousOf(this.rows[at - 1]);
    this.rows[at] = row;
    this.times[at] = this.#table.timeOf(row);
    this.classes[at] = this.#table.classOf(row);
    this.#next = this.#table.previousOf(row);
  }

  #grow(): void {
    const { rows, times, classes } = this;
    this.rows = new Int32Array(rows.length * 2);
    this.rows.set(rows);
    this.times = new Float64Array(rows.length * 2);
    this.times.set(times);
    this.classes = new Int32Array(rows.length * 2);
    this.classes.set(classes);
  }
}
