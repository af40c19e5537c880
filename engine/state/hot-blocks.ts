import type { Snapshot } from '../snapshot.ts';
import { RecentRows } from './recent-rows.ts';
import { Records } from './records.ts';

/** Blocks per segment: fewer than of other records, because a block has a place for every operator of its store. */
export const BLOCK_BITS = 9;
export const BLOCK_MASK = (1 << BLOCK_BITS) - 1;

/** Ints of a block behind the wake time: its ring of recent rows, how many rows that holds, and where the next one goes. */
export const RING_SIZE = 2;
export const RING_NUMBER = 3;
export const RING_COUNT = 4;
export const RING_NEXT = 5;

/** A ring is too large where so many powers of two lie between its room and the key's rows. */
const SPARE_BITS = 3;

/** `left` of an operator that need not look at any row before the time in `until`. */
export const ASLEEP = 0x3fffffff;

/**
 * HOT. What a key that is no longer cold keeps for every operator of its store, one block a key, so that a row touches
 * neighbouring memory for all its operators:
 *
 * - wake (one double): no operator of the key sleeps beyond this time; Infinity where none sleeps.
 * - the key's ring of recent rows (four ints).
 * - until (a double each): HAVING is surely true, or the window decided, at every row up to this time; -Infinity: no.
 * - left (an int each): so many of the operator's rows later it must look. 1: at the next one. ASLEEP: wake says when.
 * - state (an int each): its state (state-table.ts), where it looks at every row; 0: none.
 *
 * `left` counts rows and never those that leave: it may be too small, never too great. Block 0 is "none".
 */
export class HotBlocks {
  readonly records: Records;
  readonly operators: number;
  /** Places in a block: the first double of `until`, the first ints of `left` and `state`. */
  readonly until = 3;
  readonly left: number;
  readonly state: number;
  readonly recent = new RecentRows();
  /** Keeps the compiler from leaving out the reads of warm(). */
  touched = 0;

  constructor(operators: number) {
    this.operators = operators;
    this.left = 2 * (this.until + operators);
    this.state = this.left + operators;
    this.records = new Records(this.until + 2 * operators, BLOCK_BITS);
    this.records.allocate();
  }

  /** A block of which every operator must look at its `needs[operator]`-th row from here, with a ring for `rows` rows. */
  create(needs: Int32Array, rows: number): number {
    const block = this.records.allocate();
    const at = (block & BLOCK_MASK) * this.records.stride;
    const doubles = this.records.doubles[block >> BLOCK_BITS];
    const ints = this.records.ints[block >> BLOCK_BITS];
    doubles[at] = Number.POSITIVE_INFINITY;
    const size = this.recent.sizeFor(rows);
    ints[2 * at + RING_SIZE] = size;
    ints[2 * at + RING_NUMBER] = this.recent.create(size);
    ints[2 * at + RING_COUNT] = 0;
    ints[2 * at + RING_NEXT] = 0;
    doubles.fill(Number.NEGATIVE_INFINITY, at + this.until, at + this.until + this.operators);
    ints.set(needs, 2 * at + this.left);
    ints.fill(0, 2 * at + this.state, 2 * at + this.state + this.operators);
    return block;
  }

  free(block: number): void {
    const ints = this.records.ints[block >> BLOCK_BITS];
    const at = (block & BLOCK_MASK) * this.records.stride * 2;
    this.recent.free(ints[at + RING_SIZE], ints[at + RING_NUMBER]);
    this.records.free(block);
  }

  /** Touches what the next row of these blocks' keys will write and read, as KeyTable.warm does. Changes nothing. */
  warm(blocks: Int32Array, count: number): void {
    const { records, recent, left } = this;
    let touched = 0;
    for (let n = 0; n < count; n++) {
      const block = blocks[n];
      if (block <= 0) continue;
      const ints = records.ints[block >> BLOCK_BITS];
      const at = (block & BLOCK_MASK) * records.stride * 2;
      touched += ints[at + RING_SIZE] + ints[at + left];
    }
    for (let n = 0; n < count; n++) {
      const block = blocks[n];
      if (block <= 0) continue;
      const ints = records.ints[block >> BLOCK_BITS];
      const at = (block & BLOCK_MASK) * records.stride * 2;
      touched += recent.rowAt(ints[at + RING_SIZE], ints[at + RING_NUMBER], ints[at + RING_NEXT]);
    }
    this.touched = touched;
  }

  /**
   * Puts the key's newest row into its ring. `live`: the rows that the key has with it. A full ring grows only where its
   * oldest row is still one of them, and one that is eight times too large shrinks: what a key needs follows its rows,
   * not how many it has ever had.
   */
  addRecent(block: number, row: number, time: number, row_class: number, live: number): void {
    const ints = this.records.ints[block >> BLOCK_BITS];
    const at = (block & BLOCK_MASK) * this.records.stride * 2;
    const { recent } = this;
    let size = ints[at + RING_SIZE];
    if (size > 0 && live << SPARE_BITS <= recent.capacityOf(size)) {
      this.#shrink(ints, at, live);
      size = ints[at + RING_SIZE];
    }
    let next = ints[at + RING_NEXT];
    const capacity = recent.capacityOf(size);
    if (ints[at + RING_COUNT] < capacity) ints[at + RING_COUNT]++;
    else if (live > capacity && recent.canGrow(size)) {
      ints[at + RING_NUMBER] = recent.grow(size, ints[at + RING_NUMBER], next);
      next = capacity;
      ints[at + RING_COUNT] = next + 1;
      ints[at + RING_SIZE] = ++size;
    }
    recent.put(size, ints[at + RING_NUMBER], next, row, time, row_class);
    ints[at + RING_NEXT] = (next + 1) & (recent.capacityOf(size) - 1);
  }

  /** Moves the newest rows of a ring, as many as the key has at most, into a smaller one with room for as many more. */
  #shrink(ints: Int32Array, at: number, live: number): void {
    const { recent } = this;
    const size = recent.sizeFor(2 * live);
    const count = Math.min(ints[at + RING_COUNT], live);
    ints[at + RING_NUMBER] = recent.shrink(
      ints[at + RING_SIZE],
      ints[at + RING_NUMBER],
      ints[at + RING_NEXT],
      size,
      count,
    );
    ints[at + RING_SIZE] = size;
    ints[at + RING_COUNT] = count;
    ints[at + RING_NEXT] = count & (recent.capacityOf(size) - 1);
  }

  getUntil(block: number, operator: number): number {
    const at = (block & BLOCK_MASK) * this.records.stride;
    return this.records.doubles[block >> BLOCK_BITS][at + this.until + operator];
  }

  setUntil(block: number, operator: number, time: number): void {
    const at = (block & BLOCK_MASK) * this.records.stride;
    this.records.doubles[block >> BLOCK_BITS][at + this.until + operator] = time;
  }

  getLeft(block: number, operator: number): number {
    return this.records.ints[block >> BLOCK_BITS][
      (block & BLOCK_MASK) * this.records.stride * 2 + this.left + operator
    ];
  }

  setLeft(block: number, operator: number, left: number): void {
    const at = (block & BLOCK_MASK) * this.records.stride * 2 + this.left + operator;
    this.records.ints[block >> BLOCK_BITS][at] = left;
  }

  getState(block: number, operator: number): number {
    return this.records.ints[block >> BLOCK_BITS][
      (block & BLOCK_MASK) * this.records.stride * 2 + this.state + operator
    ];
  }

  setState(block: number, operator: number, state: number): void {
    const at = (block & BLOCK_MASK) * this.records.stride * 2 + this.state + operator;
    this.records.ints[block >> BLOCK_BITS][at] = state;
  }

  /** Lets an operator rest until after this time. */
  sleep(block: number, operator: number, until: number): void {
    this.setUntil(block, operator, until);
    this.setLeft(block, operator, ASLEEP);
    const at = (block & BLOCK_MASK) * this.records.stride;
    const doubles = this.records.doubles[block >> BLOCK_BITS];
    if (until < doubles[at]) doubles[at] = until;
  }

  /** A row of the key has this time: operators that slept until before it look at their next row. */
  wake(block: number, time: number): void {
    const at = (block & BLOCK_MASK) * this.records.stride;
    const doubles = this.records.doubles[block >> BLOCK_BITS];
    const ints = this.records.ints[block >> BLOCK_BITS];
    let next = Number.POSITIVE_INFINITY;
    for (let operator = 0; operator < this.operators; operator++) {
      if (ints[2 * at + this.left + operator] !== ASLEEP) continue;
      const until = doubles[at + this.until + operator];
      if (until < time) ints[2 * at + this.left + operator] = 1;
      else if (until < next) next = until;
    }
    doubles[at] = next;
  }

  get allocated_bytes(): number {
    return this.records.allocated_bytes + this.recent.allocated_bytes;
  }

  snapshot(): Snapshot {
    return { records: this.records.snapshot(), recent: this.recent.snapshot() };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot; recent: Snapshot };
    this.records.restore(from.records);
    this.recent.restore(from.recent);
  }
}
