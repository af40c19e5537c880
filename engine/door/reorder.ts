import type { Snapshot } from '../snapshot.ts';
import type { EventRows } from './event-rows.ts';

/** Bytes of a time: 7 levels of 256 buckets reach over 2^56 milliseconds. */
const LEVELS = 7;
const BUCKETS = 256;
/** Added to a time, so that times before 1970 are positive too. Beyond it all share the first bucket, and are sorted. */
const OFFSET = 2 ** 52;
const UPPER = 2 ** 32;

/**
 * HOT. The reorder stage: rows go in in any order and come out in total order once the watermark has passed them.
 *
 * A timing wheel, which is a radix sort that goes on for ever: level 0 has a bucket for each of 256 milliseconds,
 * level 1 for each of 256 times 256, and so on. A row waits in the level of the highest byte in which its time differs
 * from the cursor (the place up to which everything has been released) and moves down when the cursor comes to it: with
 * a lateness of seconds that is two moves, whether events come in order or not, and a gap of years is skipped by a few
 * bitmap words. Buckets are linked lists over the rows, so no memory is allocated. Rows of one millisecond are sorted
 * when their turn comes; those that came in order, as almost all do, cost one comparison each.
 *
 * It takes the place of the measured prototype's ring of 2 ms buckets, which needs a bound on how far times spread.
 */
export class ReorderStage {
  readonly #rows: EventRows;
  readonly #heads = new Int32Array(LEVELS * BUCKETS).fill(-1);
  readonly #tails = new Int32Array(LEVELS * BUCKETS).fill(-1);
  readonly #filled = new Int32Array((LEVELS * BUCKETS) / 32);
  /** The cursor: time + OFFSET, in two halves. */
  #cursorHigh = 0;
  #cursorLow = 0;
  /** Rows of the millisecond whose turn it is, sorted, and how many of them have been given. */
  #ready = new Int32Array(64);
  #readyAt = 0;
  #readyEnd = 0;

  constructor(rows: EventRows) {
    this.#rows = rows;
  }

  /** Takes a row whose time is not before any watermark that release() was called with. */
  insert(slot: number): void {
    const key = Math.max(0, Math.floor(this.#rows.time[slot]) + OFFSET);
    this.#place(slot, Math.floor(key / UPPER) | 0, key | 0);
  }

  #place(slot: number, high: number, low: number): void {
    let level = 0;
    let bucket = 0;
    if (high !== this.#cursorHigh) {
      level = 4 + ((31 - Math.clz32(high ^ this.#cursorHigh)) >> 3);
      bucket = (high >>> ((level - 4) << 3)) & 255;
    } else {
      const difference = low ^ this.#cursorLow;
      level = difference === 0 ? 0 : (31 - Math.clz32(difference)) >> 3;
      bucket = (low >>> (level << 3)) & 255;
    }
    const at = level * BUCKETS + bucket;
    const next = this.#rows.next;
    next[slot] = -1;
    if (this.#heads[at] === -1) {
      this.#heads[at] = slot;
      this.#filled[at >> 5] |= 1 << (at & 31);
    } else next[this.#tails[at]] = slot;
    this.#tails[at] = slot;
  }

  /**
   * Writes the slots of rows with time < watermark_ms, in total order, until `out` is full or there are none, and
   * returns how many. The caller frees them. Called again until it gives none, before the next insert().
   */
  release(watermark_ms: number, out: Int32Array): number {
    let count = 0;
    while (count < out.length) {
      if (this.#readyAt === this.#readyEnd && !this.#prepare(watermark_ms)) break;
      const most = Math.min(this.#readyEnd - this.#readyAt, out.length - count);
      for (let i = 0; i < most; i++) out[count++] = this.#ready[this.#readyAt++];
    }
    return count;
  }

  /** Moves the cursor to the next millisecond that has rows and is before the watermark, and sorts them. */
  #prepare(watermark_ms: number): boolean {
    for (let level = 0; level < LEVELS; ) {
      const bucket = this.#firstFilled(level);
      if (bucket === -1) {
        level++;
        continue;
      }
      if (!this.#moveCursor(level, bucket, watermark_ms)) return false;
      const slot = this.#take(level * BUCKETS + bucket);
      if (level === 0) {
        this.#collect(slot);
        return true;
      }
      this.#scatter(slot);
      level = 0;
    }
    return false;
  }

  /** The first bucket of a level that has rows, or -1. Buckets behind the cursor are empty. */
  #firstFilled(level: number): number {
    const words = BUCKETS / 32;
    for (let word = level * words; word < (level + 1) * words; word++) {
      const bits = this.#filled[word];
      if (bits !== 0) return (word - level * words) * 32 + (31 - Math.clz32(bits & -bits));
    }
    return -1;
  }

  /** To the first millisecond of a bucket, unless the watermark has not passed it. */
  #moveCursor(level: number, bucket: number, watermark_ms: number): boolean {
    let high = this.#cursorHigh;
    let low = 0;
    if (level >= 4) {
      const shift = (level - 4) << 3;
      high = (shift === 16 ? 0 : (high >>> (shift + 8)) << (shift + 8)) | (bucket << shift);
    } else {
      const shift = level << 3;
      low = (shift === 24 ? 0 : (this.#cursorLow >>> (shift + 8)) << (shift + 8)) | (bucket << shift);
    }
    const start_ms = high * UPPER + (low >>> 0) - OFFSET;
    if (start_ms >= watermark_ms) return false;
    this.#cursorHigh = high;
    this.#cursorLow = low;
    return true;
  }

  #take(at: number): number {
    const slot = this.#heads[at];
    this.#heads[at] = -1;
    this.#filled[at >> 5] &= ~(1 << (at & 31));
    return slot;
  }

  #scatter(first: number): void {
    const next = this.#rows.next;
    for (let slot = first; slot !== -1; ) {
      const following = next[slot];
      this.insert(slot);
      slot = following;
    }
  }

  #collect(first: number): void {
    const { next } = this.#rows;
    let count = 0;
    let sorted = true;
    for (let slot = first; slot !== -1; slot = next[slot]) {
      if (count === this.#ready.length) {
        const larger = new Int32Array(count * 2);
        larger.set(this.#ready);
        this.#ready = larger;
      }
      if (count > 0 && sorted) sorted = this.#rows.compare(this.#ready[count - 1], slot) <= 0;
      this.#ready[count++] = slot;
    }
    if (!sorted) this.#ready.subarray(0, count).sort((a, b) => this.#rows.compare(a, b));
    this.#readyAt = 0;
    this.#readyEnd = count;
  }

  /** The rows are in the snapshot of EventRows; the wheel itself is made again from them. */
  snapshot(): Snapshot {
    return Int32Array.of(this.#cursorHigh, this.#cursorLow);
  }

  restore(snapshot: Snapshot): void {
    const [high, low] = snapshot as Int32Array;
    this.#cursorHigh = high;
    this.#cursorLow = low;
    for (const slot of this.#rows.usedSlots()) this.insert(slot);
  }
}
