import { clearPayload, feedPayload } from '../operators/bounds.ts';
import type { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { HotBlocks } from '../state/hot-blocks.ts';
import { KEY_COUNT, KEY_REMOVED, type KeyTable } from '../state/key-table.ts';
import type { KeyWalk } from '../state/key-walk.ts';
import type { RowTable } from '../state/row-table.ts';
import type { StateTable } from '../state/state-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Emission } from './emission.ts';
import type { StoreClasses } from './store-classes.ts';
import type { Decider, StoreJudgement } from './store-judgement.ts';
import type { StoreOperator } from './store-operator.ts';

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

  /** Judges an operator by the collected rows at row i of the stream, which SLIDING has as its anchor. */
  judge(local: number, rows: StreamRows, i: number, key: number, start: number, end: number): Emission | null {
    const operator = this.parts.operators[local];
    const decider: Decider = { time: rows.time[i], at_end: rows.atEnd[i], root: rows.root[i], row: i };
    const anchor = operator.decided === 'event' ? rows : null;
    return this.parts.judgement.emission(operator, key, start, end, decider, anchor);
  }
}
