import type { Snapshot } from '../snapshot.ts';

/**
 * HOT. Rows by when they leave, for those that come in no order: a binary heap. Rows know their places in it, so that one can
 * be taken out before its turn. Among rows of one time the order is any.
 */
export class RowHeap {
  /** Nothing as long as no row comes out of order. */
  #rows = new Int32Array(0);
  #until = new Float64Array(0);
  #size = 0;
  /** Told where a row stands now. */
  readonly #place: (row: number, place: number) => void;

  constructor(place: (row: number, place: number) => void) {
    this.#place = place;
  }

  get size(): number {
    return this.#size;
  }

  /** The row that leaves first, and when; there must be one. */
  get first(): number {
    return this.#rows[0];
  }

  get first_until(): number {
    return this.#until[0];
  }

  /** The row at a place, 0 to size - 1. */
  at(place: number): number {
    return this.#rows[place];
  }

  add(row: number, until: number): void {
    if (this.#size === this.#rows.length) this.#resize(Math.max(16, this.#size * 2));
    this.#up(this.#size++, row, until);
  }

  /** Takes the row at a place out. */
  removeAt(place: number): void {
    const last = --this.#size;
    const [row, until] = [this.#rows[last], this.#until[last]];
    if (place < last) {
      const isEarlier = place > 0 && this.#until[(place - 1) >> 1] > until;
      if (isEarlier) this.#up(place, row, until);
      else this.#down(place, row, until);
    }
    if (this.#rows.length > 16 && this.#size * 4 < this.#rows.length) this.#resize(this.#rows.length >> 1);
  }

  /** Puts a row where a gap is, or above it. */
  #up(gap: number, row: number, until: number): void {
    let place = gap;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#until[parent] <= until) break;
      this.#set(place, this.#rows[parent], this.#until[parent]);
      place = parent;
    }
    this.#set(place, row, until);
  }

  #down(gap: number, row: number, until: number): void {
    let place = gap;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#until[child + 1] < this.#until[child]) child++;
      if (this.#until[child] >= until) break;
      this.#set(place, this.#rows[child], this.#until[child]);
      place = child;
    }
    this.#set(place, row, until);
  }

  #set(place: number, row: number, until: number): void {
    this.#rows[place] = row;
    this.#until[place] = until;
    this.#place(row, place);
  }

  #resize(length: number): void {
    const [rows, until] = [new Int32Array(length), new Float64Array(length)];
    rows.set(this.#rows.subarray(0, this.#size));
    until.set(this.#until.subarray(0, this.#size));
    this.#rows = rows;
    this.#until = until;
  }

  get allocated_bytes(): number {
    return this.#rows.byteLength + this.#until.byteLength;
  }

  snapshot(): Snapshot {
    return { rows: this.#rows.slice(0, this.#size), until: this.#until.slice(0, this.#size) };
  }

  /** The rows know their places: they were saved with them. */
  restore(snapshot: Snapshot): void {
    const { rows, until } = snapshot as { rows: Int32Array; until: Float64Array };
    this.#size = rows.length;
    let length = rows.length === 0 ? 0 : 16;
    while (length < rows.length) length *= 2;
    this.#rows = new Int32Array(length);
    this.#until = new Float64Array(length);
    this.#rows.set(rows);
    this.#until.set(until);
  }
}
