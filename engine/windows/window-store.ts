import type { Emission } from '../fold/emission.ts';
import type { RowStore, StoreSetting } from '../fold/row-store.ts';
import { storeKeys, storeRows } from '../fold/store-base.ts';
import { StoreClasses } from '../fold/store-classes.ts';
import { StoreJudgement } from '../fold/store-judgement.ts';
import type { StoreOperator } from '../fold/store-operator.ts';
import type { DropCounters } from '../limits.ts';
import { type StreamSpec, TIMESTAMP_COLUMN } from '../program.ts';
import { columnShape } from '../route/column-values.ts';
import { passesResidual, type ResidualColumn } from '../route/residual.ts';
import type { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { HotBlocks } from '../state/hot-blocks.ts';
import { KEY_COUNT, KEY_NEWEST, type KeyTable, MISSING, NULL_KEY } from '../state/key-table.ts';
import { KeyWalk } from '../state/key-walk.ts';
import type { RowTable } from '../state/row-table.ts';
import { WindowRows } from '../state/window-rows.ts';
import { EarlyAligned, LateAligned } from './aligned.ts';
import { ColdKeys } from './cold-keys.ts';
import type { Expectation, ExpectedKeys } from './expected-keys.ts';
import { SessionWindow } from './session.ts';
import { TIMED_MARKS, TimedKeys } from './timed-keys.ts';
import { TimedStates } from './timed-states.ts';
import type { TimedWindow, WindowParts } from './timed-window.ts';

/**
 * HOT. The row store of windows that a clock alone does not close: HOPPING, SESSION, and TUMBLING with OFFSET, IN TIME
 * ZONE or WITH EMPTY. Each (key, operator) that remembers something has a state with a due time; all that is due by a
 * row's time happens before the row, in the order of time, so that batches cannot show.
 */
export class WindowStore implements RowStore {
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly operators: readonly StoreOperator[];
  readonly #router: Router;
  readonly #residual: readonly ResidualColumn[];
  readonly #classes: StoreClasses;
  readonly #states = new TimedStates();
  readonly #windows: readonly TimedWindow[];
  /** Those of WITH EMPTY KEYS OF a lookup, with the operator's number. */
  readonly #expecting: readonly { readonly local: number; readonly expected: ExpectedKeys }[];
  readonly #cold: ColdKeys;
  readonly #held: TimedKeys;
  readonly #walk: KeyWalk;
  readonly #countsNulls: boolean;
  /** Operators whose WHERE the row passes. */
  readonly #passing: Int32Array;

  constructor(setting: StoreSetting, router: Router, symbols: Symbols) {
    const { stream, key, limits } = setting;
    this.#router = router;
    this.#residual = router.residual;
    this.#countsNulls = setting.shard === 0;
    const { tests, residual, ...shared } = storeRows(setting, router, symbols);
    this.table = shared.table;
    this.operators = shared.operators;
    this.keys = storeKeys(setting, TIMED_MARKS, symbols);
    this.#classes = new StoreClasses(this.operators, setting.operators, router, true);
    this.#passing = new Int32Array(this.operators.length);
    // Rows of a key are few or judged seldom: its walk goes from row to row, without a block of recent ones.
    this.#walk = new KeyWalk(this.table, new HotBlocks(0));
    const { table, keys, operators } = this;
    const window = new WindowRows(table, { bits: this.#classes.bits, residual, tests });
    const judgement = new StoreJudgement({ table, keys, window }, stream, key, symbols);
    const parts: WindowParts = { operators, states: this.#states, table, keys, walk: this.#walk, window, judgement };
    this.#windows = operators.map((operator, local) =>
      makeWindow(operator, parts, local, expectationOf(operator, setting, symbols)),
    );
    this.#expecting = this.#windows.flatMap(({ expected }, local) => (expected === null ? [] : [{ local, expected }]));
    this.#cold = new ColdKeys(parts, this.#windows, this.#classes);
    this.#held = new TimedKeys(this.#states, this.#windows, this.#cold, table, keys, limits);
  }

  process(rows: StreamRows, list: Int32Array, count: number, until: number, reached: number, out: Emission[]): void {
    if (count > 0) {
      this.keys.bind(rows);
      this.table.bind(rows);
      // The waits for keys that are far away in memory overlap.
      this.keys.warm(list, count);
    }
    for (const { expected } of this.#expecting) expected.begin();
    for (let n = 0; n < count; n++) {
      const i = list[n];
      const time = rows.time[i];
      if (this.#firstDue <= time) this.#closeBefore(time, reached, out);
      this.#held.forgetCold(time);
      const passing = this.#select(i);
      if (passing === 0) continue;
      let key = this.keys.find(i);
      if (key < 0) {
        if (key === NULL_KEY && this.#countsNulls) this.#classes.countNull(this.#router, i);
        if (key !== MISSING) continue;
        this.#held.makeRoomForKey(this.keys.group);
        key = this.keys.create();
        this.#held.add(key);
      }
      this.#fold(rows, i, key, passing, out);
    }
    if (this.#firstDue - 1 < until) this.#closeBefore(until, reached, out);
    this.#held.forgetCold(until);
  }

  get #firstDue(): number {
    let due = this.#states.firstDue;
    for (let k = 0; k < this.#expecting.length; k++) due = Math.min(due, this.#expecting[k].expected.due);
    return due;
  }

  #select(i: number): number {
    const members = this.#classes.members[this.#router.rowClass[i]];
    let passing = 0;
    for (let k = 0; k < members.length; k++) {
      const tests = this.#classes.tests[members[k]];
      if (tests !== null && !passesResidual(this.#residual, tests, i)) continue;
      this.#passing[passing++] = members[k];
    }
    return passing;
  }

  #fold(rows: StreamRows, i: number, key: number, passing: number, out: Emission[]): void {
    const { keys } = this;
    const time = rows.time[i];
    const row_class = this.#router.rowClass[i];
    const row = this.table.append(rows, i, row_class, key, keys.get(key, KEY_NEWEST), keys.groupOf(key));
    keys.set(key, KEY_NEWEST, row);
    keys.set(key, KEY_COUNT, keys.get(key, KEY_COUNT) + 1);
    this.#held.afterAppend(key);
    const isCold = this.#staysCold(rows, key, time);
    if (isCold) this.#cold.hold(key, time, this.#passing, passing);
    this.#walk.start(row, 0);
    for (let k = 0; k < passing; k++) {
      const local = this.#passing[k];
      if (isCold && this.#windows[local].isPatient) continue;
      let state = this.#held.stateOf(key, local);
      const fresh = state === 0;
      if (fresh) state = this.#held.createState(key, local);
      this.#windows[local].take(state, fresh, rows, i, key, out);
    }
    this.#held.trim(key, time);
  }

  /** Whether patient operators need nothing but the key's rows, the one that just came among them. */
  #staysCold(rows: StreamRows, key: number, time: number): boolean {
    if (this.#held.isAwake(key)) return false;
    // A timestamp of the row's own is not stored, and names a session.
    const isKnown = rows.stamp === rows.time || !this.#cold.asksStamps;
    if (isKnown && this.keys.get(key, KEY_COUNT) < this.#cold.least) return true;
    this.#held.wake(key, time, 1);
    return false;
  }

  /** Closes what is due by `time`: whose end - 1 lies before it. */
  #closeBefore(time: number, reached: number, out: Emission[]): void {
    const states = this.#states;
    for (let due = this.#firstDue; due - 1 < time; due = this.#firstDue) {
      if (this.#judgeSilence(due, reached, out)) continue;
      const state = states.first;
      if (state === 0) return;
      const key = states.keyOf(state);
      const next = this.#windows[states.operatorOf(state)].due(state, due, key, reached, out);
      if (Number.isNaN(next)) this.#held.freeState(state);
      else states.schedule(state, next);
    }
  }

  /** What is expected at this time and did not come, before states at their end forget what came. */
  #judgeSilence(due: number, reached: number, out: Emission[]): boolean {
    const next = this.#expecting.find(({ expected }) => expected.due === due);
    if (next === undefined || due === Number.POSITIVE_INFINITY) return false;
    const isKept = (key: number) => this.#held.stateOf(key, next.local) !== 0;
    const left_out = next.expected.judge(reached, isKept, this.#held.forgottenTo, out);
    // Every shard goes through the same tenants.
    if (left_out > 0 && this.#countsNulls) this.#held.drop('expected_keys', left_out);
    return true;
  }

  nullRowsOf(local: number): number {
    return this.#classes.nullRows[local];
  }

  get drops(): DropCounters {
    return this.#held.drops;
  }

  get allocated_bytes(): number {
    return this.table.allocated_bytes + this.keys.allocated_bytes + this.#held.allocated_bytes;
  }

  stateBytesOf(): number {
    return this.#held.allocated_bytes / this.operators.length;
  }

  bytesPerKey(local: number): { readonly key: number; readonly hot: number } {
    const { decided, bounds } = this.operators[local];
    const key = this.keys.records.stride * 8;
    const states = this.#held.bytes_per_key;
    const payload = decided === 'early' ? bounds.payload * 8 : 0;
    if (this.#cold.least === Number.POSITIVE_INFINITY) return { key: key + states, hot: payload };
    return { key: key + this.#cold.bytes_per_key, hot: states + payload };
  }

  markUsed(used: Uint8Array): void {
    this.keys.markUsed(used);
    this.table.markUsed(used);
  }

  snapshot(): Snapshot {
    return {
      table: this.table.snapshot(),
      keys: this.keys.snapshot(),
      states: this.#states.snapshot(),
      held: this.#held.snapshot(),
      windows: this.#windows.map((window) => window.snapshot()),
      nullRows: this.#classes.nullRows.slice(),
    };
  }

  restore(snapshot: Snapshot, isShared: boolean): void {
    const from = snapshot as { [part: string]: Snapshot } & { windows: Snapshot[]; nullRows: Float64Array };
    this.table.restore(from.table, isShared);
    this.keys.restore(from.keys, isShared);
    this.#states.restore(from.states, isShared);
    this.#held.restore(from.held);
    this.#windows.forEach((window, local) => {
      window.restore(from.windows[local]);
    });
    this.#classes.nullRows.set(from.nullRows);
  }
}

function expectationOf(
  { spec: { window } }: StoreOperator,
  { stream, key, lookups, observed, limits }: StoreSetting,
  symbols: Symbols,
): Expectation | null {
  if (window === null || !('empty_lookup' in window) || window.empty_lookup === undefined || observed === null)
    return null;
  const lookup = lookups.all[window.empty_lookup];
  const shapes = key.map((column) => columnShape(stream, column));
  return { lookup, observed, symbols, shapes, times: timeColumns(stream), most: limits.expected_keys };
}

/** Rows of EXISTS may come later than their own time (S9), so that it is a column of theirs. */
function timeColumns({ columns, join }: StreamSpec): number[] {
  const own = join === undefined ? -1 : columns.findIndex((one) => one.kind === 'field' && one.name === 'timestamp');
  return own < 0 ? [TIMESTAMP_COLUMN] : [TIMESTAMP_COLUMN, own];
}

function makeWindow(
  operator: StoreOperator,
  parts: WindowParts,
  local: number,
  expectation: Expectation | null,
): TimedWindow {
  if (operator.spec.window?.kind === 'session') return new SessionWindow(parts, local);
  return operator.decided === 'early' ? new EarlyAligned(parts, local) : new LateAligned(parts, local, expectation);
}
