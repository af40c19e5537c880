import type { Snapshot } from '../snapshot.ts';

const SEGMENTS = 64;
const SLOT_BITS = 24;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
const SMALLEST = 16;

/** One part of the table: open addressing with linear probing, its columns side by side. A type, to be a Snapshot. */
type Segment = {
  low: Int32Array;
  high: Int32Array;
  time: Float64Array;
  payload: Int32Array;
  mark: Int32Array;
  used: number;
  /** Entries older than this were dropped by the limit. */
  dropped_before_ms: number;
};

/**
 * HOT. What the door remembers by 64-bit hash for as long as a horizon of event time: hash -> time and two integers,
 * 24 bytes a place, several entries per hash allowed. It is split into 64 segments by the hash, each rebuilt on its own
 * when it is full: entries older than the horizon leave then, so nothing ever walks the whole table, and memory follows
 * the number of live entries. Beyond the limit the oldest of a segment leave and are counted.
 *
 * An entry is addressed by a handle, valid until the next insert().
 */
export class HorizonTable {
  readonly #segments: Segment[];
  readonly #most: number;
  #oldest_ms = Number.NEGATIVE_INFINITY;
  /** Entries that the limit dropped while they were within the horizon. */
  dropped = 0;

  constructor(most: number) {
    this.#most = Math.max(1, Math.floor(most / SEGMENTS));
    this.#segments = Array.from({ length: SEGMENTS }, () => emptySegment(SMALLEST));
  }

  /** Entries older than this may leave; they need not at once, so a reader says itself what is too old. */
  forgetBefore(oldest_ms: number): void {
    if (oldest_ms > this.#oldest_ms) this.#oldest_ms = oldest_ms;
  }

  /** First entry of the hash, or -1. */
  find(low: number, high: number): number {
    const segment = high >>> 26;
    return this.#probe(segment, low & (this.#segments[segment].low.length - 1), low, high);
  }

  /** The hash's next entry behind a handle, or -1. */
  next(handle: number): number {
    const index = handle >>> SLOT_BITS;
    const segment = this.#segments[index];
    const slot = handle & SLOT_MASK;
    return this.#probe(index, (slot + 1) & (segment.low.length - 1), segment.low[slot], segment.high[slot]);
  }

  #probe(index: number, start: number, low: number, high: number): number {
    const segment = this.#segments[index];
    const mask = segment.low.length - 1;
    for (let slot = start; ; slot = (slot + 1) & mask) {
      const foundLow = segment.low[slot];
      const foundHigh = segment.high[slot];
      if (foundLow === low && foundHigh === high) return (index << SLOT_BITS) | slot;
      if (foundLow === 0 && foundHigh === 0) return -1;
    }
  }

  timeOf(handle: number): number {
    return this.#segments[handle >>> SLOT_BITS].time[handle & SLOT_MASK];
  }

  payloadOf(handle: number): number {
    return this.#segments[handle >>> SLOT_BITS].payload[handle & SLOT_MASK];
  }

  markOf(handle: number): number {
    return this.#segments[handle >>> SLOT_BITS].mark[handle & SLOT_MASK];
  }

  set(handle: number, time_ms: number, payload: number, mark: number): void {
    const segment = this.#segments[handle >>> SLOT_BITS];
    const slot = handle & SLOT_MASK;
    segment.time[slot] = time_ms;
    segment.payload[slot] = payload;
    segment.mark[slot] = mark;
  }

  /** Entries of this hash older than this time may have been dropped by the limit. */
  droppedBefore(high: number): number {
    return this.#segments[high >>> 26].dropped_before_ms;
  }

  /** Adds an entry, in the place of one of the same hash that is too old, if there is one. */
  insert(low: number, high: number, time_ms: number, payload: number, mark: number): void {
    for (let handle = this.find(low, high); handle !== -1; handle = this.next(handle)) {
      if (this.timeOf(handle) >= this.#oldest_ms) continue;
      this.set(handle, time_ms, payload, mark);
      return;
    }
    const index = high >>> 26;
    const { used, low: places } = this.#segments[index];
    if ((used + 1) * 3 > places.length * 2 || used >= this.#most) this.#rebuild(index);
    put(this.#segments[index], low, high, time_ms, payload, mark);
  }

  /** Copies what is young enough into a segment of the right size; drops the oldest when there are too many. */
  #rebuild(index: number): void {
    const old = this.#segments[index];
    let oldest_ms = this.#oldest_ms;
    let live = countSince(old, oldest_ms);
    if (live >= this.#most) {
      oldest_ms = this.#timeToKeepFrom(old);
      const kept = countSince(old, oldest_ms);
      this.dropped += live - kept;
      live = kept;
      old.dropped_before_ms = oldest_ms;
    }
    let capacity = SMALLEST;
    while (capacity < live * 2 + 2) capacity *= 2;
    const segment = emptySegment(capacity);
    segment.dropped_before_ms = old.dropped_before_ms;
    for (let slot = 0; slot < old.low.length; slot++) {
      if (isEmpty(old, slot) || old.time[slot] < oldest_ms) continue;
      put(segment, old.low[slot], old.high[slot], old.time[slot], old.payload[slot], old.mark[slot]);
    }
    this.#segments[index] = segment;
  }

  /** From where on at most three quarters of the limit are kept; whole milliseconds leave, so it may be fewer. */
  #timeToKeepFrom(segment: Segment): number {
    const times: number[] = [];
    for (let slot = 0; slot < segment.low.length; slot++) {
      if (!isEmpty(segment, slot) && segment.time[slot] >= this.#oldest_ms) times.push(segment.time[slot]);
    }
    const sorted = Float64Array.from(times).sort();
    const last_dropped_ms = sorted[sorted.length - 1 - ((this.#most * 3) >> 2)];
    return sorted.find((time_ms) => time_ms > last_dropped_ms) ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes of the typed arrays. */
  get allocated_bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.low.length * 24, 0);
  }

  snapshot(): Snapshot {
    const segments = this.#segments.map((segment) => ({
      low: segment.low.slice(),
      high: segment.high.slice(),
      time: segment.time.slice(),
      payload: segment.payload.slice(),
      mark: segment.mark.slice(),
      used: segment.used,
      dropped_before_ms: segment.dropped_before_ms,
    }));
    return { segments, oldest_ms: this.#oldest_ms, dropped: this.dropped };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { segments: readonly Segment[]; oldest_ms: number; dropped: number };
    from.segments.forEach((segment, index) => {
      this.#segments[index] = {
        low: segment.low.slice(),
        high: segment.high.slice(),
        time: segment.time.slice(),
        payload: segment.payload.slice(),
        mark: segment.mark.slice(),
        used: segment.used,
        dropped_before_ms: segment.dropped_before_ms,
      };
    });
    this.#oldest_ms = from.oldest_ms;
    this.dropped = from.dropped;
  }
}

function emptySegment(capacity: number): Segment {
  return {
    low: new Int32Array(capacity),
    high: new Int32Array(capacity),
    time: new Float64Array(capacity),
    payload: new Int32Array(capacity),
    mark: new Int32Array(capacity),
    used: 0,
    dropped_before_ms: Number.NEGATIVE_INFINITY,
  };
}

function isEmpty(segment: Segment, slot: number): boolean {
  return segment.low[slot] === 0 && segment.high[slot] === 0;
}

function countSince(segment: Segment, oldest_ms: number): number {
  let count = 0;
  for (let slot = 0; slot < segment.low.length; slot++) {
    if (!isEmpty(segment, slot) && segment.time[slot] >= oldest_ms) count++;
  }
  return count;
}

function put(segment: Segment, low: number, high: number, time_ms: number, payload: number, mark: number): void {
  const mask = segment.low.length - 1;
  let slot = low & mask;
  while (!isEmpty(segment, slot)) slot = (slot + 1) & mask;
  segment.low[slot] = low;
  segment.high[slot] = high;
  segment.time[slot] = time_ms;
  segment.payload[slot] = payload;
  segment.mark[slot] = mark;
  segment.used++;
}
