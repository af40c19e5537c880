import type { Snapshot } from '../snapshot.ts';
import type { TextRecords } from './text-records.ts';

/** Ids of a bucket, each behind its hash: a cache line. */
const BUCKET_IDS = 8;
const BUCKET_BITS = 4;
const SEGMENT_BITS = 6;
const SEGMENT_SHIFT = 32 - SEGMENT_BITS;
const FIRST_BUCKETS = 2;

/** What find() says where the bucket is full: the text may be known to whoever has those that found no room. */
export const FULL = -1;

/**
 * HOT. The ids of texts by the hashes of their contents, in buckets of a cache line. A bucket that is full takes no more:
 * the caller keeps what is beyond, so texts made to have one hash cost eight comparisons here, however many there are. It
 * is split by the upper bits of the hash into segments that grow by themselves, so that nothing ever stops for all of them.
 */
export class TextIndex {
  readonly #records: TextRecords;
  #segments: Int32Array[] = Array.from(
    { length: 1 << SEGMENT_BITS },
    () => new Int32Array(FIRST_BUCKETS << BUCKET_BITS),
  );
  /** By segment: a snapshot has it, and it is copied before it is written to. */
  readonly #isShared = new Uint8Array(1 << SEGMENT_BITS);
  readonly #used = new Int32Array(1 << SEGMENT_BITS);

  constructor(records: TextRecords) {
    this.#records = records;
  }

  /** Which segment a hash belongs to. */
  static segmentOf(hash: number): number {
    return hash >>> SEGMENT_SHIFT;
  }

  static readonly segments = 1 << SEGMENT_BITS;

  /** The id of the text in these bytes, which has this hash; 0: it is not here, nor beyond the bucket; else FULL. */
  find(hash: number, words: DataView, start: number, stop: number): number {
    const slots = this.#segments[hash >>> SEGMENT_SHIFT];
    const bucket = bucketOf(slots, hash);
    for (let at = bucket; at < bucket + 2 * BUCKET_IDS; at += 2) {
      const id = slots[at + 1];
      if (id === 0) return 0;
      if (slots[at] === hash && this.#records.holds(id, words, start, stop)) return id;
    }
    return FULL;
  }

  /** Reads the first int of the bucket of a hash. */
  touch(hash: number): number {
    const slots = this.#segments[hash >>> SEGMENT_SHIFT];
    return slots[bucketOf(slots, hash)];
  }

  /** Takes an id in; false: its bucket is full. */
  add(hash: number, id: number): boolean {
    const slots = this.#writable(hash >>> SEGMENT_SHIFT);
    const isIn = put(slots, hash, id);
    if (isIn) this.#used[hash >>> SEGMENT_SHIFT]++;
    return isIn;
  }

  /** Whether more than half of the places in the segment of a hash are taken. */
  isCrowded(hash: number): boolean {
    const segment = hash >>> SEGMENT_SHIFT;
    return this.#used[segment] * 4 > this.#segments[segment].length;
  }

  /** Doubles the segment of a hash: a bucket becomes two. */
  grow(hash: number): void {
    const segment = hash >>> SEGMENT_SHIFT;
    const slots = this.#segments[segment];
    const larger = new Int32Array(slots.length * 2);
    for (let at = 0; at < slots.length; at += 2) if (slots[at + 1] !== 0) put(larger, slots[at], slots[at + 1]);
    this.#segments[segment] = larger;
    this.#isShared[segment] = 0;
  }

  #writable(segment: number): Int32Array {
    if (this.#isShared[segment] === 1) {
      this.#segments[segment] = this.#segments[segment].slice();
      this.#isShared[segment] = 0;
    }
    return this.#segments[segment];
  }

  /** Takes an id out; false: it is not here. The last one of its bucket takes its place. */
  delete(hash: number, id: number): boolean {
    const slots = this.#writable(hash >>> SEGMENT_SHIFT);
    const bucket = bucketOf(slots, hash);
    let found = -1;
    let last = -1;
    for (let at = bucket; at < bucket + 2 * BUCKET_IDS && slots[at + 1] !== 0; at += 2) {
      if (slots[at + 1] === id) found = at;
      last = at;
    }
    if (found === -1) return false;
    slots[found] = slots[last];
    slots[found + 1] = slots[last + 1];
    slots[last + 1] = 0;
    this.#used[hash >>> SEGMENT_SHIFT]--;
    return true;
  }

  get allocated_bytes(): number {
    return this.#segments.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Shares the segments: they are copied when they are written to again. */
  snapshot(): Snapshot {
    this.#isShared.fill(1);
    return { segments: [...this.#segments], used: this.#used.slice() };
  }

  restore(snapshot: Snapshot, isShared: boolean): void {
    const from = snapshot as { segments: readonly Int32Array[]; used: Int32Array };
    this.#segments = [...from.segments];
    this.#used.set(from.used);
    this.#isShared.fill(isShared ? 1 : 0);
  }
}

function bucketOf(slots: Int32Array, hash: number): number {
  return (hash << BUCKET_BITS) & (slots.length - 1);
}

function put(slots: Int32Array, hash: number, id: number): boolean {
  const bucket = bucketOf(slots, hash);
  for (let at = bucket; at < bucket + 2 * BUCKET_IDS; at += 2) {
    if (slots[at + 1] !== 0) continue;
    slots[at] = hash;
    slots[at + 1] = id;
    return true;
  }
  return false;
}
