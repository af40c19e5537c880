import type { Snapshot } from '../snapshot.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { DUE_BYTES, DueQueue } from './due-queue.ts';

/** Doubles of a state. What they mean beyond this is the window's kind's: see its file. */
export const FIRST = 0;
/** Time of the key's last row of the operator. */
export const LAST = 1;
/** Start of the last window that was true; -Infinity: none. */
export const TRUE_START = 2;
/** SESSION: the own timestamp of its first row, which names it; FIRST but for EMIT EARLY. */
export const FIRST_STAMP = 3;
/** When it is due; NaN: not yet, or it was freed. */
const DUE = 4;
/** Ints of a state. */
const KEY = 10;
const OPERATOR = 11;
const PAYLOAD = 12;
const STRIDE = 7;

/**
 * HOT. What operators remember of keys, and when each state is due (due-queue.ts). A state comes up from schedule() on
 * until it is freed. State 0 is "none".
 */
export class TimedStates {
  readonly records = new Records(STRIDE);
  readonly #queue = new DueQueue(this.records, DUE);

  constructor() {
    this.set(this.records.allocate(), DUE, Number.NaN);
  }

  /** A state without a due time: schedule() must follow. */
  create(operator: number, key: number): number {
    const state = this.records.allocate();
    const ints = this.records.ints[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * STRIDE * 2;
    ints[at + KEY] = key;
    ints[at + OPERATOR] = operator;
    ints[at + PAYLOAD] = 0;
    this.set(state, TRUE_START, Number.NEGATIVE_INFINITY);
    this.set(state, DUE, Number.NaN);
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
    return this.#queue.first;
  }

  /** Infinity where there is none. */
  get firstDue(): number {
    return this.#queue.first_due;
  }

  /** Sets when the state is due; a due time never falls. */
  schedule(state: number, due: number): void {
    if (this.get(state, DUE) === due) return;
    this.set(state, DUE, due);
    this.#queue.add(state, due);
  }

  free(state: number): void {
    this.set(state, DUE, Number.NaN);
    this.records.free(state);
    this.#queue.settle();
  }

  #int(state: number, field: number): number {
    return this.records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * STRIDE * 2 + field];
  }

  /** With its entry in the queue, at most. */
  get bytes_per_state(): number {
    return this.records.stride * 8 + DUE_BYTES;
  }

  get allocated_bytes(): number {
    return this.records.allocated_bytes + this.#queue.allocated_bytes;
  }

  snapshot(): Snapshot {
    return this.records.snapshot();
  }

  restore(snapshot: Snapshot, isShared = true): void {
    this.records.restore(snapshot, isShared);
    this.#queue.rebuild();
  }
}
