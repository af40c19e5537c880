import { boundsHold, clearPayload, feedPayload } from '../operators/bounds.ts';
import { passesResidual } from '../route/residual.ts';
import type { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { KEY_COUNT, KEY_NEWEST, KEY_REMOVED, type KeyTable } from '../state/key-table.ts';
import type { KeyWalk } from '../state/key-walk.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import type { RowTable } from '../state/row-table.ts';
import {
  STATE_HEADER,
  STATE_RESET,
  STATE_STALE,
  STATE_TIME,
  STATE_TRUE,
  type StateTable,
} from '../state/state-table.ts';
import type { TallyTable } from '../state/tally-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Emission } from './emission.ts';
import type { StoreClasses } from './store-classes.ts';
import type { StoreJudgement } from './store-judgement.ts';
import type { StoreOperator } from './store-operator.ts';
import type { WindowEnds } from './window-ends.ts';

/** What the steps work on: the parts of one row store. */
export interface StepParts {
  readonly operators: readonly StoreOperator[];
  readonly classes: StoreClasses;
  readonly router: Router;
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly states: StateTable;
  readonly tallies: TallyTable;
  readonly walk: KeyWalk;
  readonly window: WindowRows;
  readonly judgement: StoreJudgement;
}

/**
 * HOT. What the operators of a row store do with a row of a key that is not cold. An operator with a state takes the
 * row into its payload; where the payload says that HAVING may be true, the judge computes it from the rows (unless
 * the bounds are exact and nothing is to be emitted).
 */
export class OperatorSteps {
  readonly #parts: StepParts;
  #locals = new Int32Array(16);
  #found = new Int32Array(16);
  /** Keeps the compiler from leaving out reads whose only purpose is to bring lines into the cache. */
  touched = 0;

  constructor(parts: StepParts) {
    this.#parts = parts;
  }

  /** Row i of the stream was stored as `row`, the newest of its key, and is in the key's tally. */
  run(rows: StreamRows, i: number, key: number, row: number, group: number, tally: number, out: Emission[]): void {
    const { classes, router, states, operators } = this.#parts;
    const members = classes.members[router.rowClass[i]];
    if (members.length > this.#locals.length) {
      this.#locals = new Int32Array(members.length * 2);
      this.#found = new Int32Array(members.length * 2);
    }
    // States lie scattered: first find them all, then touch them all, so that the reads wait for memory together.
    let count = 0;
    for (let k = 0; k < members.length; k++) {
      const local = members[k];
      if (!this.#concerns(local, tally, i)) continue;
      this.#locals[count] = local;
      this.#found[count++] = states.find(key, local, group);
    }
    let touched = 0;
    for (let k = 0; k < count; k++) {
      if (this.#found[k] >= 0) touched += states.getInt(this.#locals[k], this.#found[k], STATE_TRUE);
    }
    this.touched = touched;
    for (let k = 0; k < count; k++) {
      const local = this.#locals[k];
      let state = this.#found[k];
      const isNew = state < 0;
      if (isNew) {
        if (!this.#canBeTrue(local, tally)) continue;
        state = states.create(key, local, group);
        this.#parts.tallies.noteState(tally, local);
      }
      if (operators[local].decided === 'event') this.#slide(local, state, isNew, rows, i, key, row, out);
      else this.#tumble(local, state, isNew, rows, i, key, row, out);
    }
  }

  /** An operator that has no state, and can have too few rows only, was not true and is not. */
  #concerns(local: number, tally: number, i: number): boolean {
    if (!this.#canBeTrue(local, tally) && !this.#parts.tallies.mayHaveState(tally, local)) return false;
    const { tests } = this.#parts.operators[local];
    return tests === null || passesResidual(this.#parts.router.residual, tests, i);
  }

  #canBeTrue(local: number, tally: number): boolean {
    const { tallies, classes, operators } = this.#parts;
    return tallies.reaches(tally, classes.bucketsOf[local], operators[local].bounds.least_rows);
  }

  /** SLIDING (S8): a rule fires where HAVING is true and was not at the key's previous event, or that has left. */
  #slide(
    local: number,
    state: number,
    isNew: boolean,
    rows: StreamRows,
    i: number,
    key: number,
    row: number,
    out: Emission[],
  ): void {
    const operator = this.#parts.operators[local];
    const { bounds } = operator;
    const records = this.#parts.states.records[local];
    const doubles = records.doubles[state >> SEGMENT_BITS];
    const ints = records.ints[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride;
    const time = rows.time[i];
    const from = time - operator.size_ms;
    if (isNew || ints[2 * at + STATE_STALE] === 1) this.#fill(local, state, key, from);
    else feedPayload(bounds, doubles, at + STATE_HEADER, this.#parts.table, row, time, from);
    const previous = ints[2 * at + STATE_TRUE] === 1 && doubles[at + STATE_TIME] >= from;
    doubles[at + STATE_TIME] = time;
    ints[2 * at + STATE_TRUE] = 0;
    if (!boundsHold(bounds, doubles, at + STATE_HEADER, from)) return;
    const isSilent = previous && !operator.is_view;
    if (!(isSilent && bounds.are_exact)) {
      const emission = this.#judge(operator, local, ints[2 * at + STATE_RESET], rows, i, key);
      if (emission === null) return;
      if (!isSilent) out.push(emission);
    }
    if (operator.resets && !isSilent) this.#reset(local, state, key);
    else ints[2 * at + STATE_TRUE] = 1;
  }

  /** TUMBLING that is decided at the first event that makes HAVING true (S8). */
  #tumble(
    local: number,
    state: number,
    isNew: boolean,
    rows: StreamRows,
    i: number,
    key: number,
    row: number,
    out: Emission[],
  ): void {
    const operator = this.#parts.operators[local];
    const { bounds, size_ms } = operator;
    const records = this.#parts.states.records[local];
    const doubles = records.doubles[state >> SEGMENT_BITS];
    const ints = records.ints[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride;
    const time = rows.time[i];
    const start = Math.floor(time / size_ms) * size_ms;
    if (doubles[at + STATE_TIME] === start) return;
    if (isNew || ints[2 * at + STATE_STALE] === 1) this.#fill(local, state, key, start);
    else feedPayload(bounds, doubles, at + STATE_HEADER, this.#parts.table, row, time, start);
    if (!boundsHold(bounds, doubles, at + STATE_HEADER, start)) return;
    const emission = this.#judge(operator, local, 0, rows, i, key);
    if (emission === null) return;
    out.push(emission);
    doubles[at + STATE_TIME] = start;
  }

  /** Makes the payload what it would be had it seen the key's rows of the window one by one. */
  #fill(local: number, state: number, key: number, from: number): void {
    const { states, operators, table, window } = this.#parts;
    const { bounds } = operators[local];
    const records = states.records[local];
    const payload = records.doubles[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
    states.setInt(local, state, STATE_STALE, 0);
    clearPayload(bounds, payload, at);
    if (bounds.trackers.length === 0) return;
    this.#collect(local, key, states.getInt(local, state, STATE_RESET), from);
    for (let k = window.count - 1; k >= 0; k--) {
      feedPayload(bounds, payload, at, table, window.rows[k], table.timeOf(window.rows[k]), from);
    }
  }

  /** The key's rows of an operator from a time on, without those that a RESET has removed. */
  #collect(local: number, key: number, reset: number, from: number): void {
    const { keys, window, walk } = this.#parts;
    const count = keys.get(key, KEY_COUNT);
    window.collect(walk, local, Math.min(count, keys.get(key, KEY_REMOVED) + count - reset), from);
  }

  /** RESET (S13): all rows up to this firing count as having left, the deciding one too. */
  #reset(local: number, state: number, key: number): void {
    const { keys, states, operators } = this.#parts;
    const records = states.records[local];
    states.setInt(local, state, STATE_RESET, keys.get(key, KEY_REMOVED) + keys.get(key, KEY_COUNT));
    const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
    clearPayload(operators[local].bounds, records.doubles[state >> SEGMENT_BITS], at);
  }

  /** Judges an operator at row i by the key's rows. */
  #judge(
    operator: StoreOperator,
    local: number,
    reset: number,
    rows: StreamRows,
    i: number,
    key: number,
  ): Emission | null {
    const time = rows.time[i];
    const isSliding = operator.decided === 'event';
    const start = isSliding ? time - operator.size_ms : Math.floor(time / operator.size_ms) * operator.size_ms;
    const end = isSliding ? time : start + operator.size_ms;
    this.#collect(local, key, reset, start);
    const decider = { time, at_end: rows.atEnd[i], root: rows.root[i], row: i };
    return this.#parts.judgement.emission(operator, key, [start, end], decider, isSliding ? rows : null);
  }

  /** Judges the operators of a TUMBLING window at its end, by the rows that the key has in it. */
  judgeEnd(ends: WindowEnds, end: number, key: number, out: Emission[]): void {
    const { keys, walk, operators, window, judgement } = this.#parts;
    const start = end - ends.size_ms;
    const count = keys.get(key, KEY_COUNT);
    walk.start(keys.get(key, KEY_NEWEST));
    for (const local of ends.operators) {
      const operator = operators[local];
      if (count < operator.bounds.least_rows) continue;
      this.#collect(local, key, 0, start);
      if (window.count === 0) continue;
      const decider = { time: end - 1, at_end: 1, root: 0, row: 0 };
      const emission = judgement.emission(operator, key, [start, end], decider, null);
      if (emission !== null) out.push(emission);
    }
  }
}
