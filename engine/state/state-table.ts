import type { RunningWindow } from '../operators/running-window.ts';
import type { Snapshot } from '../snapshot.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from './records.ts';

/** Doubles of a state before its operator's payload: the time, then four ints. */
export const STATE_HEADER = 3;
/** SLIDING: time of the key's last event of this operator. */
export const STATE_TIME = 0;
/** Ints of a state. SLIDING: 1 when HAVING was true at the last event. */
export const STATE_TRUE = 2;
/** Ordinal of the key's first row that a RESET has not removed. */
export const STATE_RESET = 3;
/** 1: the payload must be filled from the rows again. */
export const STATE_STALE = 4;

/**
 * HOT. What an operator keeps of a key where it must look at every row: the verdict at the last event, and the hot
 * form's payload. A key's block (hot-blocks.ts) knows the number of its state per operator.
 */
export class StateTable {
  /** By operator of the store. State 0 of each stands for "none". */
  readonly records: readonly Records[];
  /** By operator, for some of its states: the window's aggregates, which can be made again from the rows at any time. */
  readonly running: readonly Map<number, RunningWindow>[];

  constructor(payloads: readonly number[]) {
    this.records = payloads.map((doubles) => new Records(STATE_HEADER + doubles));
    for (const records of this.records) records.allocate();
    this.running = payloads.map(() => new Map());
  }

  /** A new state: never true, nothing reset, payload undefined. */
  create(operator: number): number {
    const records = this.records[operator];
    const state = records.allocate();
    const at = (state & SEGMENT_MASK) * records.stride;
    records.doubles[state >> SEGMENT_BITS][at + STATE_TIME] = Number.NEGATIVE_INFINITY;
    const ints = records.ints[state >> SEGMENT_BITS];
    ints[2 * at + STATE_TRUE] = 0;
    ints[2 * at + STATE_RESET] = 0;
    ints[2 * at + STATE_STALE] = 0;
    return state;
  }

  free(operator: number, state: number): void {
    this.stopRunning(operator, state);
    this.records[operator].free(state);
  }

  stopRunning(operator: number, state: number): void {
    if (this.running[operator].size > 0) this.running[operator].delete(state);
  }

  getInt(operator: number, state: number, field: number): number {
    const records = this.records[operator];
    return records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride * 2 + field];
  }

  setInt(operator: number, state: number, field: number, value: number): void {
    const records = this.records[operator];
    records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride * 2 + field] = value;
  }

  getTime(operator: number, state: number): number {
    const records = this.records[operator];
    return records.doubles[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride + STATE_TIME];
  }

  /** HAVING was true at an event of this time; TUMBLING: in the window that began then. */
  setTrue(operator: number, state: number, time: number): void {
    const records = this.records[operator];
    records.doubles[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride + STATE_TIME] = time;
    this.setInt(operator, state, STATE_TRUE, 1);
  }

  get allocated_bytes(): number {
    const windows = this.running.flatMap((running) => [...running.values()]);
    const running_bytes = windows.reduce((sum, window) => sum + window.bytes, 0);
    return this.records.reduce((sum, records) => sum + records.allocated_bytes, running_bytes);
  }

  snapshot(): Snapshot {
    return this.records.map((records) => records.snapshot());
  }

  restore(snapshot: Snapshot, isShared = true): void {
    (snapshot as Snapshot[]).forEach((records, operator) => {
      this.running[operator].clear();
      this.records[operator].restore(records, isShared);
    });
  }
}
