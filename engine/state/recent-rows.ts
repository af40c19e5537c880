import type { Snapshot } from '../snapshot.ts';
import { Records } from './records.ts';

/** Capacities of rings: 8, 16, ... 2048 rows, a table each. */
const LEAST_BITS = 3;
const SIZES = 9;
/** Rows of all rings in a segment, as a binary logarithm. */
const SEGMENT_ROWS_BITS = 14;

/**
 * HOT. Of keys that are not cold, the newest rows once more: number, time and class, side by side in a ring a key, so
 * that looking back over a key's rows reads memory in order and does not wait for every row. What is older than the
 * ring holds is read from the rows themselves. A ring is addressed by its size (0: 8 rows) and its number there.
 */
export class RecentRows {
  /** By size: per row a double (time) and two ints (row, class). */
  readonly #rings: readonly Records[];

  constructor() {
    this.#rings = Array.from({ length: SIZES }, (_, size) => {
      return new Records(2 << (LEAST_BITS + size), SEGMENT_ROWS_BITS - LEAST_BITS - size);
    });
  }

  create(size: number): number {
    return this.#rings[size].allocate();
  }

  free(size: number, ring: number): void {
    this.#rings[size].free(ring);
  }

  /** Rows that a ring of this size holds. */
  capacityOf(size: number): number {
    return 1 << (LEAST_BITS + size);
  }

  /** The least size that holds so many rows, or the greatest there is. */
  sizeFor(rows: number): number {
    let size = 0;
    while (size + 1 < SIZES && this.capacityOf(size) < rows) size++;
    return size;
  }

  canGrow(size: number): boolean {
    return size + 1 < SIZES;
  }

  /** Writes a row at a place of the ring. */
  put(size: number, ring: number, place: number, row: number, time: number, row_class: number): void {
    const records = this.#rings[size];
    const at = (ring & records.mask) * records.stride + 2 * place;
    records.doubles[ring >> records.bits][at] = time;
    const ints = records.ints[ring >> records.bits];
    ints[2 * at + 2] = row;
    ints[2 * at + 3] = row_class;
  }

  /** The row at a place of the ring; undefined content where none was put. */
  rowAt(size: number, ring: number, place: number): number {
    const records = this.#rings[size];
    return records.ints[ring >> records.bits][2 * ((ring & records.mask) * records.stride + 2 * place) + 2];
  }

  /** Moves a full ring into one of the next size, oldest row first; `next` is the place of the oldest. */
  grow(size: number, ring: number, next: number): number {
    const from = this.#rings[size];
    const to = this.#rings[size + 1];
    const grown = to.allocate();
    const source = from.doubles[ring >> from.bits];
    const start = (ring & from.mask) * from.stride;
    const target = to.doubles[grown >> to.bits];
    const at = (grown & to.mask) * to.stride;
    target.set(source.subarray(start + 2 * next, start + from.stride), at);
    target.set(source.subarray(start, start + 2 * next), at + from.stride - 2 * next);
    from.free(ring);
    return grown;
  }

  /** Moves the newest `count` rows of a ring into one of another size, oldest first; `next`: the place behind the newest. */
  shrink(size: number, ring: number, next: number, to_size: number, count: number): number {
    const from = this.#rings[size];
    const to = this.#rings[to_size];
    const moved = to.allocate();
    const source = from.doubles[ring >> from.bits];
    const start = (ring & from.mask) * from.stride;
    const target = to.doubles[moved >> to.bits];
    const at = (moved & to.mask) * to.stride;
    const first = (next - count) & (this.capacityOf(size) - 1);
    const behind = Math.min(count, this.capacityOf(size) - first);
    target.set(source.subarray(start + 2 * first, start + 2 * (first + behind)), at);
    target.set(source.subarray(start, start + 2 * (count - behind)), at + 2 * behind);
    from.free(ring);
    return moved;
  }

  /** The segment that holds a ring, and where the ring begins in it, in doubles. */
  doublesOf(size: number, ring: number): Float64Array {
    return this.#rings[size].doubles[ring >> this.#rings[size].bits];
  }

  intsOf(size: number, ring: number): Int32Array {
    return this.#rings[size].ints[ring >> this.#rings[size].bits];
  }

  startOf(size: number, ring: number): number {
    return (ring & this.#rings[size].mask) * this.#rings[size].stride;
  }

  get allocated_bytes(): number {
    return this.#rings.reduce((sum, records) => sum + records.allocated_bytes, 0);
  }

  snapshot(): Snapshot {
    return this.#rings.map((records) => records.snapshot());
  }

  restore(snapshot: Snapshot): void {
    (snapshot as Snapshot[]).forEach((records, size) => {
      this.#rings[size].restore(records);
    });
  }
}
