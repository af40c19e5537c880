import type { Snapshot } from '../snapshot.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from './records.ts';

/** Counters of a tally; with the word of operators it is one cache line. */
export const BUCKETS = 15;
const OPERATORS = BUCKETS;
const INTS = BUCKETS + 1;

/**
 * HOT. For a key that is no longer cold: how many of its rows stand in each bucket of row classes, so that an operator
 * can see without looking at any row that too few rows can be its own; and 32 bits that say which operators (modulo
 * 32) may have a state of the key. Tally 0 is "none".
 */
export class TallyTable {
  readonly records = new Records(INTS / 2);

  constructor() {
    // Number 0 stands for "no tally" in a key's record.
    this.records.allocate();
  }

  create(): number {
    const tally = this.records.allocate();
    const at = (tally & SEGMENT_MASK) * INTS;
    this.records.ints[tally >> SEGMENT_BITS].fill(0, at, at + INTS);
    return tally;
  }

  add(tally: number, bucket: number, difference: number): void {
    this.records.ints[tally >> SEGMENT_BITS][(tally & SEGMENT_MASK) * INTS + bucket] += difference;
  }

  /** Whether at least `least` rows stand in these buckets. */
  reaches(tally: number, buckets: Int32Array, least: number): boolean {
    const ints = this.records.ints[tally >> SEGMENT_BITS];
    const at = (tally & SEGMENT_MASK) * INTS;
    let rows = 0;
    for (let k = 0; k < buckets.length; k++) rows += ints[at + buckets[k]];
    return rows >= least;
  }

  /** Whether the operator may have a state of the key; false is certain. */
  mayHaveState(tally: number, operator: number): boolean {
    const word = this.records.ints[tally >> SEGMENT_BITS][(tally & SEGMENT_MASK) * INTS + OPERATORS];
    return ((word >>> (operator & 31)) & 1) === 1;
  }

  noteState(tally: number, operator: number): void {
    this.records.ints[tally >> SEGMENT_BITS][(tally & SEGMENT_MASK) * INTS + OPERATORS] |= 1 << (operator & 31);
  }

  forgetStates(tally: number): void {
    this.records.ints[tally >> SEGMENT_BITS][(tally & SEGMENT_MASK) * INTS + OPERATORS] = 0;
  }

  free(tally: number): void {
    this.records.free(tally);
  }

  snapshot(): Snapshot {
    return this.records.snapshot();
  }

  restore(snapshot: Snapshot): void {
    this.records.restore(snapshot);
  }
}
