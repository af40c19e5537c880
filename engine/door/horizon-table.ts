import type { Snapshot } from '../snapshot.ts';
import { HorizonSegment, type SegmentSnapshot } from './horizon-segment.ts';

const SEGMENTS = 64;
const SLOT_BITS = 24;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
const SMALLEST = 16;

/**
 * How full a segment may be. Places are not read to find that an id is new, only bytes that stand side by side, so that
 * crowded ones cost little.
 */
const FULL = 0.85;

/** A rebuilt segment has room for half as many more as it has then, so that no entry is moved more than twice on average. */
const ROOM = 1.5;

/** Entries that a segment of so many places may hold. */
function mostOf(places: number): number {
  return Math.floor(places * FULL);
}

/** The least places that may hold so many entries. */
function placesFor(entries: number): number {
  return Math.max(SMALLEST, Math.ceil(entries / FULL));
}

/**
 * Segments fill alike, as they are chosen by a hash. They begin with different sizes, and so one after the other grows:
 * otherwise all would within moments, and memory would have to hold them twice.
 */
function firstPlaces(index: number): number {
  return Math.round(SMALLEST * ROOM ** (index / SEGMENTS));
}

/**
 * HOT. What the door remembers by 64-bit hash for as long as a horizon of event time: hash -> time and two integers,
 * 25 bytes a place, several entries per hash allowed. It is split into 64 segments by the hash, each rebuilt on its own
 * when it is full: entries older than the horizon leave then, so nothing ever walks the whole table, and memory follows
 * the number of live entries. Beyond the limit the oldest of a segment leave and are counted.
 *
 * An entry is addressed by a handle, valid until the next insert().
 */
export class HorizonTable {
  readonly #segments: HorizonSegment[];
  readonly #most: number;
  #oldest_ms = Number.NEGATIVE_INFINITY;
  /** Keeps the compiler from leaving out the reads of touch(). */
  #touched = 0;
  /** Entries that the limit dropped while they were within the horizon. */
  dropped = 0;

  constructor(most: number) {
    this.#most = Math.max(1, Math.floor(most / SEGMENTS));
    this.#segments = Array.from({ length: SEGMENTS }, (_, index) => new HorizonSegment(firstPlaces(index)));
  }

  /** Entries older than this may leave; they need not at once, so a reader says itself what is too old. */
  forgetBefore(oldest_ms: number): void {
    if (oldest_ms > this.#oldest_ms) this.#oldest_ms = oldest_ms;
  }

  /** First entry of the hash, or -1. */
  find(low: number, high: number): number {
    const index = high >>> 26;
    return this.#handle(index, this.#segments[index].find(low, high));
  }

  /** Begins to fetch what find() and insert() of this hash will read and write: memory is waited for later, or not at all. */
  touch(low: number, high: number): void {
    this.#touched ^= this.#segments[high >>> 26].touch(low, high);
  }

  /** The hash's next entry behind a handle, or -1. */
  next(handle: number): number {
    const index = handle >>> SLOT_BITS;
    return this.#handle(index, this.#segments[index].findNext(handle & SLOT_MASK));
  }

  #handle(index: number, slot: number): number {
    return slot === -1 ? -1 : (index << SLOT_BITS) | slot;
  }

  timeOf(handle: number): number {
    return this.#segments[handle >>> SLOT_BITS].timeOf(handle & SLOT_MASK);
  }

  payloadOf(handle: number): number {
    return this.#segments[handle >>> SLOT_BITS].payloadOf(handle & SLOT_MASK);
  }

  markOf(handle: number): number {
    return this.#segments[handle >>> SLOT_BITS].markOf(handle & SLOT_MASK);
  }

  set(handle: number, time_ms: number, payload: number, mark: number): void {
    this.#segments[handle >>> SLOT_BITS].set(handle & SLOT_MASK, time_ms, payload, mark);
  }

  /** Entries of this hash older than this time may have been dropped by the limit. */
  droppedBefore(high: number): number {
    return this.#segments[high >>> 26].dropped_before_ms;
  }

  /** insert() of a hash of which find() or next() has just said that there is none, or none more. */
  insertFirst(low: number, high: number, time_ms: number, payload: number, mark: number): void {
    const index = high >>> 26;
    const { used, places } = this.#segments[index];
    if (used + 1 > mostOf(places) || used >= this.#most) {
      this.#rebuild(index);
      this.#segments[index].seekEmpty(low, high);
    }
    this.#segments[index].put(low, high, time_ms, payload, mark);
  }

  /** Adds an entry, in the place of one of the same hash that is too old, if there is one. */
  insert(low: number, high: number, time_ms: number, payload: number, mark: number): void {
    for (let handle = this.find(low, high); handle !== -1; handle = this.next(handle)) {
      if (this.timeOf(handle) >= this.#oldest_ms) continue;
      this.set(handle, time_ms, payload, mark);
      return;
    }
    this.insertFirst(low, high, time_ms, payload, mark);
  }

  /** Copies what is young enough into a segment of the right size; drops the oldest when there are too many. */
  #rebuild(index: number): void {
    const old = this.#segments[index];
    let oldest_ms = this.#oldest_ms;
    let live = old.countSince(oldest_ms);
    let dropped_before_ms = old.dropped_before_ms;
    if (live >= this.#most) {
      oldest_ms = this.#timeToKeepFrom(old);
      const kept = old.countSince(oldest_ms);
      this.dropped += live - kept;
      live = kept;
      dropped_before_ms = oldest_ms;
    }
    const segment = new HorizonSegment(placesFor(Math.floor(live * ROOM) + 1));
    segment.dropped_before_ms = dropped_before_ms;
    old.copyTo(segment, oldest_ms);
    this.#segments[index] = segment;
  }

  /** From where on at most three quarters of the limit are kept; whole milliseconds leave, so it may be fewer. */
  #timeToKeepFrom(segment: HorizonSegment): number {
    const times: number[] = [];
    for (let slot = 0; slot < segment.places; slot++) {
      if (!segment.isEmpty(slot) && segment.timeOf(slot) >= this.#oldest_ms) times.push(segment.timeOf(slot));
    }
    const sorted = Float64Array.from(times).sort();
    const last_dropped_ms = sorted[sorted.length - 1 - ((this.#most * 3) >> 2)];
    return sorted.find((time_ms) => time_ms > last_dropped_ms) ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes of the typed arrays. */
  get allocated_bytes(): number {
    return this.#segments.reduce((sum, { allocated_bytes }) => sum + allocated_bytes, 0);
  }

  snapshot(): Snapshot {
    const segments = this.#segments.map((segment) => segment.snapshot());
    return { segments, oldest_ms: this.#oldest_ms, dropped: this.dropped };
  }

  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as { segments: readonly SegmentSnapshot[]; oldest_ms: number; dropped: number };
    from.segments.forEach((segment, index) => {
      this.#segments[index] = HorizonSegment.restore(segment, isShared);
    });
    this.#oldest_ms = from.oldest_ms;
    this.dropped = from.dropped;
  }
}
