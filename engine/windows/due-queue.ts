import type { Records } from '../state/records.ts';

/** Children of a place in the heap: their due times stand in half a cache line. */
const WIDTH_BITS = 2;
const WIDTH = 1 << WIDTH_BITS;

/** A tick is at least so long, and longer by doubling where there would be more of them. */
const LEAST_TICK_MS = 1 << 10;
const MOST_TICKS = 1 << 10;

/** So many entries more than twice the states in use are left from states that are gone or were put off. */
const MOST_STALE = 1 << 12;

/** An entry takes so much, at most: that of a state which is due soon. */
export const DUE_BYTES = Int32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT;

/** States that are due in one tick, in no order. */
interface Bucket {
  states: Int32Array;
  count: number;
}

/**
 * HOT. States by due time. Those of the tick that comes next stand in a heap, all later ones in a list for each tick: a
 * state is put into a list without a look at another state, and a heap of one tick's states stays in the cache. The due
 * time itself stands in the state's record (`field`; NaN: none); an entry that does not agree with it is passed over, so
 * that nobody has to look for the entry of a state that goes or is put off. A state has one due time, so it comes up once.
 */
export class DueQueue {
  readonly #records: Records;
  readonly #field: number;
  /** A heap, with the due times in an array of its own. Its first entry is never one that is passed over. */
  #heap = new Int32Array(64);
  #dues = new Float64Array(64);
  #count = 0;
  /** What is due before this stands in the heap. */
  #near_end = Number.NEGATIVE_INFINITY;
  #tick_ms = LEAST_TICK_MS;
  #ticks = new Map<number, Bucket>();
  /** Entries in all, and bytes of the lists. */
  #entries = 0;
  #list_bytes = 0;

  constructor(records: Records, field: number) {
    this.#records = records;
    this.#field = field;
  }

  /** The state that is due first; 0 where there is none. */
  get first(): number {
    return this.#count === 0 ? 0 : this.#heap[0];
  }

  /** Infinity where there is none. */
  get first_due(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#dues[0];
  }

  /** The state is due at this time, which its record says already. */
  add(state: number, due: number): void {
    this.#enter(state, due);
    if (this.#entries > 2 * this.#records.live + MOST_STALE) this.rebuild();
    else this.settle();
  }

  /** Must be called when what the record of a state says has changed. */
  settle(): void {
    for (;;) {
      while (this.#count > 0 && this.#dueOf(this.#heap[0]) !== this.#dues[0]) this.#pop();
      if (this.#count > 0 || this.#ticks.size === 0) return;
      this.#open();
    }
  }

  /** Makes all entries again from the records in use. */
  rebuild(): void {
    this.#count = 0;
    this.#near_end = Number.NEGATIVE_INFINITY;
    this.#ticks.clear();
    this.#entries = 0;
    this.#list_bytes = 0;
    const isLive = this.#records.liveRecords();
    for (let state = 0; state < isLive.length; state++) {
      const due = isLive[state] === 1 ? this.#dueOf(state) : Number.NaN;
      if (!Number.isNaN(due)) this.#enter(state, due);
    }
    this.settle();
  }

  #dueOf(state: number): number {
    const { bits, mask, stride, doubles } = this.#records;
    return doubles[state >> bits][(state & mask) * stride + this.#field];
  }

  #enter(state: number, due: number): void {
    this.#entries++;
    if (due >= this.#near_end) {
      while (this.#ticks.size >= MOST_TICKS) this.#lengthenTicks();
      this.#append(Math.floor(due / this.#tick_ms), state);
      return;
    }
    if (this.#count === this.#heap.length) this.#grow();
    this.#rise(this.#count++, state, due);
  }

  #append(tick: number, state: number): void {
    let bucket = this.#ticks.get(tick);
    if (bucket === undefined) {
      bucket = { states: new Int32Array(8), count: 0 };
      this.#list_bytes += bucket.states.byteLength;
      this.#ticks.set(tick, bucket);
    }
    if (bucket.count === bucket.states.length) {
      const grown = new Int32Array(bucket.count * 2);
      grown.set(bucket.states);
      this.#list_bytes += bucket.states.byteLength;
      bucket.states = grown;
    }
    bucket.states[bucket.count++] = state;
  }

  /** Two ticks become one; those that the heap holds are behind it all the same. */
  #lengthenTicks(): void {
    const ticks = this.#ticks;
    this.#tick_ms *= 2;
    this.#ticks = new Map();
    this.#list_bytes = 0;
    for (const [tick, { states, count }] of ticks) {
      for (let k = 0; k < count; k++) this.#append(Math.floor(tick / 2), states[k]);
    }
  }

  /** What is due in the tick that comes next goes into the heap, which is empty. */
  #open(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const tick of this.#ticks.keys()) if (tick < next) next = tick;
    const { states, count } = this.#ticks.get(next) as Bucket;
    this.#ticks.delete(next);
    this.#list_bytes -= states.byteLength;
    this.#near_end = (next + 1) * this.#tick_ms;
    while (this.#heap.length < count) this.#grow();
    for (let k = 0; k < count; k++) {
      const due = this.#dueOf(states[k]);
      if (Math.floor(due / this.#tick_ms) === next) this.#rise(this.#count++, states[k], due);
      else this.#entries--;
    }
  }

  #pop(): void {
    this.#entries--;
    const count = --this.#count;
    if (count > 0) this.#sink(this.#heap[count], this.#dues[count]);
  }

  #put(place: number, state: number, due: number): void {
    this.#heap[place] = state;
    this.#dues[place] = due;
  }

  /** Puts a state at this place, which is free, or above it. */
  #rise(from: number, state: number, due: number): void {
    const dues = this.#dues;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> WIDTH_BITS;
      if (dues[above] <= due) break;
      this.#put(place, this.#heap[above], dues[above]);
      place = above;
    }
    this.#put(place, state, due);
  }

  /** Puts a state at the top, which is free, or below it. */
  #sink(state: number, due: number): void {
    const dues = this.#dues;
    let place = 0;
    for (;;) {
      const first = (place << WIDTH_BITS) + 1;
      if (first >= this.#count) break;
      const end = Math.min(first + WIDTH, this.#count);
      let below = first;
      for (let other = first + 1; other < end; other++) if (dues[other] < dues[below]) below = other;
      if (dues[below] >= due) break;
      this.#put(place, this.#heap[below], dues[below]);
      place = below;
    }
    this.#put(place, state, due);
  }

  #grow(): void {
    const heap = new Int32Array(this.#heap.length * 2);
    heap.set(this.#heap);
    this.#heap = heap;
    const dues = new Float64Array(heap.length);
    dues.set(this.#dues);
    this.#dues = dues;
  }

  get allocated_bytes(): number {
    return this.#heap.byteLength + this.#dues.byteLength + this.#list_bytes;
  }
}
