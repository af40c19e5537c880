import { clearPayload, feedPayload } from '../operators/bounds.ts';
import { fillFromNewest } from '../operators/fill-bounds.ts';
import { RunningWindow } from '../operators/running-window.ts';
import type { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { HotBlocks } from '../state/hot-blocks.ts';
import { KEY_COUNT, KEY_REMOVED, type KeyTable } from '../state/key-table.ts';
import type { KeyWalk } from '../state/key-walk.ts';
import type { RowTable } from '../state/row-table.ts';
import { STATE_RESET, type StateTable } from '../state/state-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Value } from '../value.ts';
import type { Emission } from './emission.ts';
import type { StoreClasses } from './store-classes.ts';
import type { Decider, StoreJudgement } from './store-judgement.ts';
import type { StoreLimits } from './store-limits.ts';
import type { StoreOperator } from './store-operator.ts';

/** A group has no row of its own. */
const noRow: readonly Value[] = [];

/** What the steps work on: the parts of one row store. */
export interface StepParts {
  readonly operators: readonly StoreOperator[];
  readonly classes: StoreClasses;
  readonly router: Router;
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly blocks: HotBlocks;
  readonly states: StateTable;
  readonly walk: KeyWalk;
  readonly window: WindowRows;
  readonly judgement: StoreJudgement;
  readonly limits: StoreLimits;
}

/**
 * HOT. What the steps of all windows have in common: an operator's rows of a key, a payload filled from them, and the
 * judgement over them. The walk must have begun at the key's newest row.
 */
export class StepWork {
  readonly parts: StepParts;
  /** Payload of an operator that has no state, while it is looked at. */
  readonly scratch: Float64Array;

  constructor(parts: StepParts) {
    this.parts = parts;
    this.scratch = new Float64Array(Math.max(0, ...parts.operators.map((operator) => operator.bounds.payload)));
  }

  /**
   * Collects the key's newest rows of an operator, at most `most` and none before `from` or removed by a RESET, into
   * `window`.
   */
  collect(local: number, key: number, reset: number, from: number, most: number): void {
    const { keys, window, walk } = this.parts;
    const count = keys.get(key, KEY_COUNT);
    window.collect(walk, local, Math.min(count, keys.get(key, KEY_REMOVED) + count - reset), from, most);
  }

  /** Makes a payload what it would be had it seen the collected rows one by one. */
  fill(local: number, payload: Float64Array, at: number, from: number): void {
    const { operators, table, window } = this.parts;
    const { bounds } = operators[local];
    clearPayload(bounds, payload, at);
    if (bounds.trackers.length === 0) return;
    for (let k = window.count - 1; k >= 0; k--) {
      feedPayload(bounds, payload, at, table, window.rows[k], window.times[k], from);
    }
  }

  /**
   * Makes a payload of SLIDING what it would be had it seen the key's rows in the window one by one, at most the newest
   * `most`. Collects no more of them into `window` than that takes; returns whether there may be more, and then the
   * bounds hold.
   */
  fillNewest(
    local: number,
    key: number,
    reset: number,
    from: number,
    most: number,
    payload: Float64Array,
    at: number,
  ): boolean {
    const { operators, table, window, limits } = this.parts;
    const { bounds } = operators[local];
    // Two at least: whether there was a row before the newest must be seen.
    for (
      let asked = Math.min(most, Math.max(2, limits.first_rows + 2 * bounds.least_rows));
      ;
      asked = Math.min(most, 4 * asked)
    ) {
      this.collect(local, key, reset, from, asked);
      const isWhole = fillFromNewest(bounds, payload, at, table, window);
      if (window.count < asked || asked === most) return false;
      if (isWhole) return true;
    }
  }

  /** Judges an operator by the collected rows at row i of the stream, which SLIDING has as its anchor. */
  judge(local: number, rows: StreamRows, i: number, key: number, start: number, end: number): Emission | null {
    const operator = this.parts.operators[local];
    return this.parts.judgement.emission(operator, key, start, end, deciderOf(rows, i), this.#anchor(local, rows));
  }

  /** A row came to an operator with a state: its running aggregates take it in, where it has some, and are given. */
  keepRunning(local: number, state: number, row: number, time: number, from: number): RunningWindow | undefined {
    const windows = this.parts.states.running[local];
    if (windows.size === 0) return undefined;
    const running = windows.get(state);
    if (running === undefined) return undefined;
    running.add(row, time);
    running.leave(from);
    return running;
  }

  /**
   * Whether HAVING is true at row i, for an operator with a state whose payload does not decide it. By running
   * aggregates where there are some; else by the rows, which then begin to run when they are many. What is emitted goes
   * to `out`; null: nothing is to be.
   */
  holds(
    local: number,
    state: number,
    running: RunningWindow | undefined,
    rows: StreamRows,
    i: number,
    key: number,
    start: number,
    end: number,
    out: Emission[] | null,
  ): boolean {
    const { judgement, operators } = this.parts;
    const operator = operators[local];
    const values = running?.values(operator.spec.having_reads) ?? null;
    if (running === undefined || values === null) return this.#holdsByRows(local, state, rows, i, key, start, end, out);
    const key_values = judgement.keyValues(key);
    const result = { key: key_values, aggregates: values, row: noRow, window_start: start, window_end: end };
    if (!operator.judge.isTrue(result)) return false;
    if (out === null) return true;
    const all = operator.judge.canRunAll ? running.values(operator.judge.all) : null;
    if (all === null) return this.#holdsByRows(local, state, rows, i, key, start, end, out);
    const { count, first_event_at } = running;
    const total = { count, first_event_at, evidence: this.#evidenceOf(local, running) };
    const shown = { key: key_values, aggregates: all.slice(), row: noRow, window_start: start, window_end: end };
    out.push(judgement.emissionOf(operator, key, shown, deciderOf(rows, i), this.#anchor(local, rows), total));
    return true;
  }

  /** The ids of the events that are shown; collects the newest rows of the window. */
  #evidenceOf(local: number, running: RunningWindow): string[] {
    const { operators, judgement, window, table } = this.parts;
    const { spec } = operators[local];
    const wanted = Math.min(spec.evidence_limit, running.count);
    // Only rows of `events` are an event each.
    if (spec.input === 0) return running.newestIds(table, window, wanted);
    for (let most = Math.max(1, wanted); ; most *= 4) {
      running.collect(window, most);
      const evidence = judgement.evidenceOf(operators[local], wanted);
      // Fewer rows than were asked for are all that there are.
      if (evidence.length >= wanted || window.count < most || window.count >= running.count) return evidence;
    }
  }

  #holdsByRows(
    local: number,
    state: number,
    rows: StreamRows,
    i: number,
    key: number,
    start: number,
    end: number,
    out: Emission[] | null,
  ): boolean {
    const { states, operators, window, limits } = this.parts;
    const operator = operators[local];
    this.collect(local, key, states.getInt(local, state, STATE_RESET), start, operator.enough);
    const emission = this.judge(local, rows, i, key, start, end);
    // Few rows of its own among many of others are as long a way.
    const isLong = window.walked >= limits.running_rows && states.running[local].size < limits.running_windows;
    if (isLong && operator.runs && operator.judge.canRun && (operator.every || !operator.bounds.are_exact)) {
      const running = new RunningWindow(operator.judge, window.count);
      for (let k = window.count - 1; k >= 0; k--) running.add(window.rows[k], window.times[k]);
      states.running[local].set(state, running);
    }
    if (emission !== null) out?.push(emission);
    return emission !== null;
  }

  /** SLIDING has its row as anchor. */
  #anchor(local: number, rows: StreamRows): StreamRows | null {
    return this.parts.operators[local].decided === 'event' ? rows : null;
  }
}

function deciderOf(rows: StreamRows, i: number): Decider {
  return { time: rows.time[i], stamp: rows.stamp[i], at_end: rows.atEnd[i], root: rows.root[i], row: i };
}
