import type { Snapshot } from '../snapshot.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';

/** Doubles of a state. What they mean beyond this is the window's kind's: see its file. */
export const FIRST = 0;
/** Time of the key's last row of the operator. */
export const LAST = 1;
/** Start of the last window that was true; -Infinity: none. */
export const TRUE_START = 2;
/** SESSION: the own timestamp of its first row, which names it; FIRST but for EMIT EARLY. */
export const FIRST_STAMP = 3;
/** Ints of a state. */
const KEY = 8;
const OPERATOR = 9;
const PLACE = 10;
const PAYLOAD = 11;
const STRIDE = 6;

/** Children of a place in the heap: their due times stand in half a cache line. */
const WIDTH_BITS = 2;
const WIDTH = 1 << WIDTH_BITS;

/**
 * HOT. What operators remember of keys, and when each state is due: a heap over the states by due time, four children wide
 * and with the due times in an array of its own, because each look at a state is a wait for main memory. A state is in the
 * heap from schedule() on until it is freed. State 0 is "none".
 */
export class TimedStates {
  readonly records = new Records(STRIDE);
  #heap = new Int32Array(64);
  /** By place in the heap. */
  #dues = new Float64Array(64);
  #count = 0;

  constructor() {
    this.records.allocate();
  }

  /** A state without a due time: schedule() must follow. */
  create(operator: number, key: number): number {
    const state = this.records.allocate();
    const ints = this.records.ints[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * STRIDE * 2;
    ints[at + KEY] = key;
    ints[at + OPERATOR] = operator;
    ints[at + PLACE] = -1;
    ints[at + PAYLOAD] = 0;
    this.set(state, TRUE_START, Number.NEGATIVE_INFINITY);
    return state;
  }

  get(state: number, field: number): number {
    return this.records.doubles[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE + field];
  }

  set(state: number, field: number, value: number): void {
    this.records.doubles[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE + field] = value;
  }

  keyOf(state: number): number {
    return this.#int(state, KEY);
  }

  operatorOf(state: number): number {
    return this.#int(state, OPERATOR);
  }

  /** The record that hot-bounds.ts keeps for the state; 0 or less: none, and what it says instead. */
  payloadOf(state: number): number {
    return this.#int(state, PAYLOAD);
  }

  setPayload(state: number, record: number): void {
    this.records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE * 2 + PAYLOAD] = record;
  }

  /** The state that is due first; 0: there is none. */
  get first(): number {
    return this.#count === 0 ? 0 : this.#heap[0];
  }

  /** Infinity where there is none. */
  get firstDue(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#dues[0];
  }

  /** Sets when the state is due; a due time never falls. */
  schedule(state: number, due: number): void {
    const place = this.#int(state, PLACE);
    if (place >= 0) {
      this.#sink(place, state, due);
      return;
    }
    if (this.#count === this.#heap.length) this.#grow();
    this.#rise(this.#count++, state, due);
  }

  #grow(): void {
    const heap = new Int32Array(this.#count * 2);
    heap.set(this.#heap);
    this.#heap = heap;
    const dues = new Float64Array(this.#count * 2);
    dues.set(this.#dues);
    this.#dues = dues;
  }

  free(state: number): void {
    const place = this.#int(state, PLACE);
    if (place >= 0) {
      const last = this.#heap[--this.#count];
      const due = this.#dues[this.#count];
      if (last !== state) {
        if (due < this.#dues[place]) this.#rise(place, last, due);
        else this.#sink(place, last, due);
      }
    }
    this.records.free(state);
  }

  #int(state: number, field: number): number {
    return this.records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE * 2 + field];
  }

  #put(place: number, state: number, due: number): void {
    this.#heap[place] = state;
    this.#dues[place] = due;
    this.records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE * 2 + PLACE] = place;
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

  /** The same, or below it. */
  #sink(from: number, state: number, due: number): void {
    const dues = this.#dues;
    let place = from;
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

  /** With its place in the heap, and its due time there. */
  get bytes_per_state(): number {
    return this.records.stride * 8 + Int32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT;
  }

  get allocated_bytes(): number {
    return this.records.allocated_bytes + this.#heap.byteLength + this.#dues.byteLength;
  }

  snapshot(): Snapshot {
    return {
      records: this.records.snapshot(),
      heap: this.#heap.slice(0, this.#count),
      dues: this.#dues.slice(0, this.#count),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot; heap: Int32Array; dues: Float64Array };
    this.records.restore(from.records);
    this.#count = from.heap.length;
    this.#heap = new Int32Array(Math.max(64, this.#count * 2));
    this.#heap.set(from.heap);
    this.#dues = new Float64Array(this.#heap.length);
    this.#dues.set(from.dues);
  }
}
