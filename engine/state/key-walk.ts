import type { RowTable } from './row-table.ts';

/**
 * HOT. The rows of one key from the newest back, read from the table once for all operators that look at them now.
 * Rows are loaded as far as somebody asks; entries at and beyond `loaded` are left from earlier walks.
 */
export class KeyWalk {
  rows = new Int32Array(256);
  times = new Float64Array(256);
  classes = new Int32Array(256);
  loaded = 0;
  readonly #table: RowTable;
  #next = -1;

  constructor(table: RowTable) {
    this.#table = table;
  }

  /** Begins at a key's newest row; must be called again after any row of the table has come or gone. */
  start(newest: number): void {
    this.loaded = 0;
    this.#next = newest;
  }

  /** Loads one row more; the caller knows from the key's count that there is one. */
  load(): void {
    const row = this.#next;
    const at = this.loaded++;
    if (at === this.rows.length) this.#grow();
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
