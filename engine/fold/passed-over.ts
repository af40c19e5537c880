import type { StreamRows } from '../route/stream-rows.ts';
import type { Side } from './join-parts.ts';

/** A row of the push that is on, as it would have been kept. */
export interface PassedOverRow {
  side: Side;
  rows: StreamRows;
  i: number;
  /** What WITHIN is measured from. */
  time: number;
  state: number;
}

/**
 * HOT. Rows that a join did not keep, because they leave before any row of the other side comes. While a bound could count
 * them they are remembered: before one drops anything they are kept after all, so that this cannot show. None outlives
 * its push. Rows of a side leave in the order in which they came: those that an EXISTS held back, which do not, are never
 * here (isShort() in join-side.ts), for a key that one of them touched would stand elsewhere among the silent ones.
 */
export class PassedOver {
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;
  /** Beyond #count they are of before, and are used again. */
  readonly #rows: PassedOverRow[] = [];
  readonly #leaves: number[] = [];

  add(side: Side, rows: StreamRows, i: number, time: number, state: number, leaves: number): void {
    if (this.#count === this.#rows.length) this.#rows.push({ side, rows, i, time, state });
    else {
      const row = this.#rows[this.#count];
      row.side = side;
      row.rows = rows;
      row.i = i;
      row.time = time;
      row.state = state;
    }
    this.#leaves[this.#count++] = leaves;
    if (leaves > this.#last) this.#last = leaves;
  }

  /** No less than there are that have not left at this time. */
  countAt(time: number): number {
    if (this.#last < time) this.clear();
    return this.#count;
  }

  /** Those that have not left at this time, in order; they are the caller's until the next one is added. */
  takeAt(time: number): PassedOverRow[] {
    const taken = this.#rows.slice(0, this.#count).filter((_, k) => this.#leaves[k] >= time);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#count = 0;
    this.#last = Number.NEGATIVE_INFINITY;
  }
}
