import { wholeBuffer } from '../state/records.ts';

/** Ints of a place: the hash in two halves, the time (two ints, read as one float), two integers of the owner. */
const PLACE = 6;
const HIGH = 1;
const TIME_INT = 2;
const PAYLOAD = 4;
const MARK = 5;
/** The same in floats: a place is three of them, the time the second. */
const PLACE_FLOATS = 3;
const TIME = 1;

/** One of so many numbers of 31 bits. */
const SHARE = 2 ** -31;

/** The tag of an empty place. */
const EMPTY = 0;

/**
 * HOT. One part of a HorizonTable: open addressing with linear probing. A place is 24 bytes side by side: with a column
 * for each of its five values, an id that was new touched seven lines of cold memory, and the door spent most of its time
 * there. Nearly every id is new, so a byte of each place's hash stands apart (M. Kulukundis, "Designing a Fast, Efficient,
 * Cache-friendly Hash Table, Step by Step", CppCon 2017): those bytes stay in the cache, and a place is read only where
 * its byte is the one that is looked for. An empty place has the hash (0, 0).
 */
export class HorizonSegment {
  readonly places: number;
  #ints: Int32Array;
  #floats: Float64Array;
  /** A snapshot has the memory: it is copied before it is written to again. */
  #isShared = false;
  readonly #tags: Uint8Array;
  /** The empty place that ended the last probe() that found nothing. */
  #empty = 0;
  used = 0;
  /** Entries older than this were dropped by the limit. */
  dropped_before_ms = Number.NEGATIVE_INFINITY;

  /** `places`: more than will be used, no power of two, so that a segment is as large as its ids need and not up to twice that. */
  constructor(places: number, memory = new ArrayBuffer(places * PLACE * Int32Array.BYTES_PER_ELEMENT)) {
    this.places = places;
    this.#ints = new Int32Array(memory);
    this.#floats = new Float64Array(this.#ints.buffer);
    this.#tags = new Uint8Array(places);
  }

  /** The first place of this hash, or -1 where there is none. */
  find(low: number, high: number): number {
    return this.probe(startOf(low, high, this.places), low, high);
  }

  /** The next place of the hash behind one that has it, or -1. */
  findNext(slot: number): number {
    return this.probe(behind(slot, this.places), this.lowOf(slot), this.highOf(slot));
  }

  /** The first place from `start` on that has this hash, or -1 where an empty one comes before. */
  probe(start: number, low: number, high: number): number {
    const tags = this.#tags;
    const tag = tagOf(high);
    const { places } = this;
    for (let slot = start; ; slot = behind(slot, places)) {
      const found = tags[slot];
      if (found === EMPTY) {
        this.#empty = slot;
        return -1;
      }
      if (found === tag && this.#ints[slot * PLACE] === low && this.#ints[slot * PLACE + HIGH] === high) return slot;
    }
  }

  /** Reads where the search for a hash begins. */
  touch(low: number, high: number): number {
    const slot = startOf(low, high, this.places);
    return this.#tags[slot] ^ this.#ints[slot * PLACE];
  }

  isEmpty(slot: number): boolean {
    return this.#tags[slot] === EMPTY;
  }

  lowOf(slot: number): number {
    return this.#ints[slot * PLACE];
  }

  highOf(slot: number): number {
    return this.#ints[slot * PLACE + HIGH];
  }

  timeOf(slot: number): number {
    return this.#floats[slot * PLACE_FLOATS + TIME];
  }

  payloadOf(slot: number): number {
    return this.#ints[slot * PLACE + PAYLOAD];
  }

  markOf(slot: number): number {
    return this.#ints[slot * PLACE + MARK];
  }

  set(slot: number, time_ms: number, payload: number, mark: number): void {
    if (this.#isShared) this.#copy();
    this.#floats[slot * PLACE_FLOATS + TIME] = time_ms;
    this.#ints[slot * PLACE + PAYLOAD] = payload;
    this.#ints[slot * PLACE + MARK] = mark;
  }

  /** Stands before put(), where probe() has not just said that there is no place more of this hash. */
  seekEmpty(low: number, high: number): void {
    let slot = startOf(low, high, this.places);
    while (!this.isEmpty(slot)) slot = behind(slot, this.places);
    this.#empty = slot;
  }

  /** Takes the first empty place of a hash, where probe() or seekEmpty() of it has just found it. */
  put(low: number, high: number, time_ms: number, payload: number, mark: number): void {
    const slot = this.#empty;
    if (this.#isShared) this.#copy();
    this.#tags[slot] = tagOf(high);
    this.#ints[slot * PLACE] = low;
    this.#ints[slot * PLACE + HIGH] = high;
    this.set(slot, time_ms, payload, mark);
    this.used++;
  }

  get allocated_bytes(): number {
    return this.#ints.byteLength + this.#tags.byteLength;
  }

  countSince(oldest_ms: number): number {
    const tags = this.#tags;
    const floats = this.#floats;
    let count = 0;
    for (let slot = 0; slot < tags.length; slot++) {
      if (tags[slot] !== EMPTY && floats[slot * PLACE_FLOATS + TIME] >= oldest_ms) count++;
    }
    return count;
  }

  /** Puts its entries that are not older than this into another segment, which is nobody else's. */
  copyTo(other: HorizonSegment, oldest_ms: number): void {
    const tags = this.#tags;
    const ints = this.#ints;
    const floats = this.#floats;
    const into = other.#ints;
    const intoTags = other.#tags;
    const { places } = other;
    for (let slot = 0; slot < tags.length; slot++) {
      if (tags[slot] === EMPTY || floats[slot * PLACE_FLOATS + TIME] < oldest_ms) continue;
      const from = slot * PLACE;
      let place = startOf(ints[from], ints[from + HIGH], places);
      while (intoTags[place] !== EMPTY) place = behind(place, places);
      intoTags[place] = tags[slot];
      const to = place * PLACE;
      into[to] = ints[from];
      into[to + HIGH] = ints[from + HIGH];
      into[to + TIME_INT] = ints[from + TIME_INT];
      into[to + TIME_INT + 1] = ints[from + TIME_INT + 1];
      into[to + PAYLOAD] = ints[from + PAYLOAD];
      into[to + MARK] = ints[from + MARK];
      other.used++;
    }
  }

  #copy(): void {
    this.#ints = this.#ints.slice();
    this.#floats = new Float64Array(this.#ints.buffer);
    this.#isShared = false;
  }

  /** Shares its memory, so that a checkpoint of millions of ids stops nobody: it is copied at the next change. */
  snapshot(): SegmentSnapshot {
    this.#isShared = true;
    return { ints: this.#ints, used: this.used, dropped_before_ms: this.dropped_before_ms };
  }

  /** Millions of places at a restore: in a loop that reads nothing but the array. */
  #tagPlaces(): void {
    const tags = this.#tags;
    const ints = this.#ints;
    for (let slot = 0, at = 0; slot < tags.length; slot++, at += PLACE) {
      const high = ints[at + HIGH];
      if (high !== 0 || ints[at] !== 0) tags[slot] = tagOf(high);
    }
  }

  /** @param isShared somebody else may have the snapshot's memory */
  static restore({ ints, used, dropped_before_ms }: SegmentSnapshot, isShared: boolean): HorizonSegment {
    const segment = new HorizonSegment(ints.length / PLACE, wholeBuffer(ints));
    segment.#isShared = isShared;
    segment.#tagPlaces();
    segment.used = used;
    segment.dropped_before_ms = dropped_before_ms;
    return segment;
  }
}

/**
 * Where the search for a hash begins: as far into the segment as the mixed hash is into all numbers of 31 bits. Of both
 * halves: either of them alone can be chosen by solving for the last bytes of an id, and twenty thousand ids with one
 * beginning took fifty times as long as others; both together must be searched for.
 */
function startOf(low: number, high: number, places: number): number {
  const mixed = Math.imul(low ^ (low >>> 15) ^ high, 0x9e3779b1);
  return Math.floor((mixed >>> 1) * (places * SHARE));
}

function behind(slot: number, places: number): number {
  return slot + 1 === places ? 0 : slot + 1;
}

/** Of the bits that neither choose the segment nor, alone, where the search begins. */
function tagOf(high: number): number {
  return high & 0xff || 1;
}

/** A type, to be a Snapshot. */
export type SegmentSnapshot = {
  ints: Int32Array;
  used: number;
  dropped_before_ms: number;
};
