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
const DUE = 4;
/** Ints of a state. */
const KEY = 10;
const OPERATOR = 11;
const PLACE = 12;
const PAYLOAD = 13;
const STRIDE = 7;

/**
 * HOT. What operators remember of keys, and when each state is due: a binary heap over the states by due time. A state
 * is in the heap from schedule() on until it is freed. State 0 is "none".
 */
export class TimedStates {
  readonly records = new Records(STRIDE);
  #heap = new Int32Array(64);
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

  /** The record that hot-bounds.ts keeps for the state; 0: none. */
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
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.get(this.#heap[0], DUE);
  }

  /** Sets when the state is due; a due time never falls. */
  schedule(state: number, due: number): void {
    this.set(state, DUE, due);
    let place = this.#int(state, PLACE);
    if (place < 0) {
      if (this.#count === this.#heap.length) {
        const grown = new Int32Array(this.#count * 2);
        grown.set(this.#heap);
        this.#heap = grown;
      }
      place = this.#count++;
      this.#put(state, place);
      this.#rise(place);
    } else this.#sink(place);
  }

  free(state: number): void {
    const place = this.#int(state, PLACE);
    if (place >= 0) {
      const last = this.#heap[--this.#count];
      if (last !== state) {
        this.#put(last, place);
        this.#rise(place);
        this.#sink(this.#int(last, PLACE));
      }
    }
    this.records.free(state);
  }

  #int(state: number, field: number): number {
    return this.records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE * 2 + field];
  }

  #put(state: number, place: number): void {
    this.#heap[place] = state;
    this.records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE * 2 + PLACE] = place;
  }

  #rise(from: number): void {
    const state = this.#heap[from];
    const due = this.get(state, DUE);
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.get(this.#heap[above], DUE) <= due) break;
      this.#put(this.#heap[above], place);
      place = above;
    }
    this.#put(state, place);
  }

  #sink(from: number): void {
    const state = this.#heap[from];
    const due = this.get(state, DUE);
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#count) break;
      if (below + 1 < this.#count && this.get(this.#heap[below + 1], DUE) < this.get(this.#heap[below], DUE)) below++;
      if (this.get(this.#heap[below], DUE) >= due) break;
      this.#put(this.#heap[below], place);
      place = below;
    }
    this.#put(state, place);
  }

  get allocated_bytes(): number {
    return this.records.allocated_bytes + this.#heap.byteLength;
  }

  snapshot(): Snapshot {
    return { records: this.records.snapshot(), heap: this.#heap.slice(0, this.#count) };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot; heap: Int32Array };
    this.records.restore(from.records);
    this.#count = from.heap.length;
    this.#heap = new Int32Array(Math.max(64, this.#count * 2));
    this.#heap.set(from.heap);
  }
}
