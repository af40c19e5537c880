import type { Snapshot } from '../snapshot.ts';

/** Ints of a record, a cache line: the hash, the length in bytes and where the text is, and the bytes. */
const RECORD_BITS = 4;
const RECORD = 1 << RECORD_BITS;
const HASH = 0;
const META = 1;
const TEXT = 2;
/** The longest text in UTF-8 bytes that stands in its record. */
export const INLINE_BYTES = 4 * (RECORD - TEXT);

/** META of an id that is not in use; else twice the length, plus one where the text stands outside. */
const FREE = -1;

/** Records of a segment: of 1,024 each there were so many segments that their objects missed the cache as often as records. */
const SEGMENT_BITS = 12;
const SEGMENT_MASK = (1 << SEGMENT_BITS) - 1;
const SEGMENT_INTS = RECORD << SEGMENT_BITS;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * HOT. What a dictionary knows of each id: the hash of its text and the text itself in UTF-8, or, of one that does not
 * fit, how much it takes outside. A snapshot shares the segments: one is copied when it is written to for the first time
 * afterwards, so a checkpoint of millions of texts stops nobody.
 */
export class TextRecords {
  #segments: Int32Array[] = [];
  /** By segment: a snapshot has it. */
  #isShared: boolean[] = [];
  #free: number[] = [];
  /** The greatest id ever given, plus one. Id 0 is no text's. */
  capacity = 0;

  constructor() {
    this.#next();
  }

  /** An id for a text of this hash that stands in these bytes, of which there are INLINE_BYTES at most. */
  addBytes(hash: number, words: DataView, start: number, stop: number): number {
    const id = this.#free.pop() ?? this.#next();
    const segment = this.#writable(id >>> SEGMENT_BITS);
    const at = (id & SEGMENT_MASK) << RECORD_BITS;
    segment[at + HASH] = hash;
    segment[at + META] = (stop - start) << 1;
    let word = at + TEXT;
    let from = start;
    for (; from + 4 <= stop; from += 4) segment[word++] = words.getInt32(from, true);
    if (from < stop) segment[word] = words.getInt32(from, true) & restOf(stop - from);
    return id;
  }

  /** An id for a text that stands outside, and takes so many bytes there. */
  addOutside(hash: number, bytes: number): number {
    const id = this.#free.pop() ?? this.#next();
    const segment = this.#writable(id >>> SEGMENT_BITS);
    const at = (id & SEGMENT_MASK) << RECORD_BITS;
    segment[at + HASH] = hash;
    segment[at + META] = (bytes << 1) | 1;
    return id;
  }

  #next(): number {
    const id = this.capacity++;
    if (id >>> SEGMENT_BITS === this.#segments.length) {
      this.#segments.push(new Int32Array(SEGMENT_INTS));
      this.#isShared.push(false);
    }
    if (id === 0) this.#segments[0][META] = FREE;
    return id;
  }

  #writable(index: number): Int32Array {
    if (this.#isShared[index]) {
      this.#segments[index] = this.#segments[index].slice();
      this.#isShared[index] = false;
    }
    return this.#segments[index];
  }

  /** The id may be given again, after those that were taken back later. */
  free(id: number): void {
    this.#writable(id >>> SEGMENT_BITS)[((id & SEGMENT_MASK) << RECORD_BITS) + META] = FREE;
    this.#free.push(id);
  }

  isFree(id: number): boolean {
    return !(id >= 0 && id < this.capacity) || this.#meta(id) === FREE;
  }

  #meta(id: number): number {
    return this.#segments[id >>> SEGMENT_BITS][((id & SEGMENT_MASK) << RECORD_BITS) + META];
  }

  hashOf(id: number): number {
    return this.#segments[id >>> SEGMENT_BITS][(id & SEGMENT_MASK) << RECORD_BITS];
  }

  isOutside(id: number): boolean {
    return (this.#meta(id) & 1) === 1;
  }

  /** Of the text: in UTF-8 where it stands in the record, else what it takes outside. Below 0 for an id that is not in use. */
  bytesOf(id: number): number {
    return this.#meta(id) >> 1;
  }

  /** Whether the id's text stands in its record and is that of these bytes. */
  holds(id: number, words: DataView, start: number, stop: number): boolean {
    const segment = this.#segments[id >>> SEGMENT_BITS];
    const record = (id & SEGMENT_MASK) << RECORD_BITS;
    if (segment[record + META] !== (stop - start) << 1) return false;
    let word = record + TEXT;
    let at = start;
    for (; at + 4 <= stop; at += 4) if (segment[word++] !== words.getInt32(at, true)) return false;
    return at === stop || segment[word] === (words.getInt32(at, true) & restOf(stop - at));
  }

  /** The text of an id that has it in its record. */
  textOf(id: number): string {
    const segment = this.#segments[id >>> SEGMENT_BITS];
    const start = segment.byteOffset + 4 * (((id & SEGMENT_MASK) << RECORD_BITS) + TEXT);
    return decoder.decode(new Uint8Array(segment.buffer, start, this.bytesOf(id)));
  }

  get allocated_bytes(): number {
    return this.#segments.length * 4 * SEGMENT_INTS + PLACE_BYTES * this.#free.length;
  }

  /** The segments as they are, the last one as far as it is used; free ids in the order in which they will be given again. */
  snapshot(): Snapshot {
    const last = this.#segments.length - 1;
    this.#isShared.fill(true, 0, last);
    const used = this.#segments[last].slice(0, (((this.capacity - 1) & SEGMENT_MASK) + 1) << RECORD_BITS);
    return {
      segments: [...this.#segments.slice(0, last), used],
      free: Int32Array.from(this.#free),
      capacity: this.capacity,
    };
  }

  restore(snapshot: Snapshot, isShared: boolean): void {
    const from = snapshot as { segments: readonly Int32Array[]; free: Int32Array; capacity: number };
    const last = new Int32Array(SEGMENT_INTS);
    last.set(from.segments[from.segments.length - 1]);
    this.#segments = [...from.segments.slice(0, -1), last];
    this.#isShared = this.#segments.map((_, index) => isShared && index < from.segments.length - 1);
    this.#free = [...from.free];
    this.capacity = from.capacity;
  }
}

/** Of a place in an array that has grown by halves. */
const PLACE_BYTES = 10;

/** The bytes of a word that belong to a text of which one, two or three bytes are left. */
function restOf(bytes: number): number {
  return (1 << (8 * bytes)) - 1;
}
