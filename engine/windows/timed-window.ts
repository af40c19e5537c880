import type { Emission } from '../fold/emission.ts';
import type { Decider, StoreJudgement } from '../fold/store-judgement.ts';
import type { StoreOperator } from '../fold/store-operator.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import { KEY_COUNT, KEY_NEWEST, KEY_REMOVED, type KeyTable } from '../state/key-table.ts';
import type { KeyWalk } from '../state/key-walk.ts';
import type { RowTable } from '../state/row-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { ExpectedKeys } from './expected-keys.ts';
import type { TimedStates } from './timed-states.ts';

/** due() says: the operator remembers nothing more of the key. */
export const FORGET = Number.NaN;

/**
 * A kind of window as an operator of the window store. Its duties: what it asks of a key's rows it asks while keepFrom()
 * lets them stay; and it is told of every row, and of a due time before any row at or after it, so it may rely on order.
 */
export interface TimedWindow {
  /** Row i of the stream was stored as the newest of the key. `fresh`: the state was made for it and needs a due time. */
  take(state: number, fresh: boolean, rows: StreamRows, i: number, key: number, out: Emission[]): void;
  /**
   * The time that was scheduled has come: every row before it is there. Gives the next due time, or FORGET. `reached`:
   * the time up to which events are known; beyond it nothing is, not even that there were none.
   */
  due(state: number, due: number, key: number, reached: number, out: Emission[]): number;
  /** The earliest time of rows that the state may still ask for at `time`. */
  keepFrom(state: number, time: number): number;
  /** The state goes, by FORGET or by a bound: what the kind keeps of it elsewhere goes too. */
  forget(state: number): void;
  /**
   * With fewer rows of a key than bounds.least_rows nothing comes of the operator, and what a state would hold follows
   * from the times of those rows: such a key needs none of its own (cold-keys.ts), and is not taken. What follows is
   * asked of patient windows alone. `first`, `last`: times of rows between which a state did not go.
   */
  readonly isPatient: boolean;
  /** When a state goes for which nothing was true, if no row follows. */
  endsAt(first: number, last: number): number;
  /** Rows that lie within this time: when the state goes rests on the last of them alone. */
  readonly within_ms: number;
  /** What keepFrom() says of it. */
  keepsFrom(first: number, time: number): number;
  /** Makes a new state what it would be after so many rows, and schedules it. */
  wake(state: number, first: number, last: number, rows: number, time: number): void;
  /** WITH EMPTY KEYS OF a lookup: what is judged beside the states; null for any other window. */
  readonly expected: ExpectedKeys | null;
  /** Of what the kind keeps beside the states. */
  readonly allocated_bytes: number;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
}

/** What the kinds work on: parts of one window store. */
export interface WindowParts {
  readonly operators: readonly StoreOperator[];
  readonly states: TimedStates;
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly walk: KeyWalk;
  readonly window: WindowRows;
  readonly judgement: StoreJudgement;
}

/** The key's newest rows of the operator from `from` on, at most `most`, into `window`. */
export function collect(parts: WindowParts, local: number, key: number, from: number, most: number): void {
  parts.window.collect(parts.walk, local, parts.keys.get(key, KEY_COUNT), from, most);
}

/** Before the rows of a key are collected of which none has just come. */
export function startWalk(parts: WindowParts, key: number): void {
  parts.walk.start(parts.keys.get(key, KEY_NEWEST), 0);
}

/** Whether no bound has taken a row of the key that a window might still hold (timed-keys.ts). */
export function wholeKey(parts: WindowParts, key: number): boolean {
  return parts.keys.get(key, KEY_REMOVED) === 0;
}

export function rowDecides(rows: StreamRows, i: number): Decider {
  return { time: rows.time[i], stamp: rows.stamp[i], at_end: rows.atEnd[i], root: rows.root[i], row: i };
}

export function endDecides(end: number): Decider {
  return { time: end - 1, stamp: end - 1, at_end: 2, root: 0, row: 0 };
}
