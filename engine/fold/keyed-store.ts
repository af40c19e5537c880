import { boundsHold, clearPayload, feedPayload } from '../operators/bounds.ts';
import type { StreamSpec } from '../program.ts';
import { columnShape } from '../route/column-values.ts';
import { passesResidual } from '../route/residual.ts';
import type { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import {
  KEY_COUNT,
  KEY_GROUP,
  KEY_NEWEST,
  KEY_REMOVED,
  KEY_STATE_OPERATOR,
  KeyTable,
  MISSING,
  NULL_KEY,
} from '../state/key-table.ts';
import { KeyWalk } from '../state/key-walk.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { RowTable } from '../state/row-table.ts';
import { STATE_HEADER, STATE_RESET, STATE_STALE, STATE_TRUE, StateTable } from '../state/state-table.ts';
import { WindowRows } from '../state/window-rows.ts';
import type { Emission } from './emission.ts';
import { Horizon } from './horizon.ts';
import { StoreClasses } from './store-classes.ts';
import { StoreJudgement } from './store-judgement.ts';
import type { StoreLimits } from './store-limits.ts';
import { type Form, type PlacedOperator, type StoreOperator, storedColumns, storeOperator } from './store-operator.ts';
import { StoreRetention } from './store-retention.ts';
import { WindowEnds } from './window-ends.ts';

/** What a store is made for: operators of one stream with one key expression, on one shard's key groups. */
export interface StoreSetting {
  readonly stream: StreamSpec;
  readonly key: readonly number[];
  readonly operators: readonly PlacedOperator[];
  readonly shard: number;
  readonly shards: number;
  readonly form: Form;
  readonly limits: StoreLimits;
}

/**
 * HOT. One row store: operators of a stream that group by the same key share its rows. A row costs one append; as long
 * as the key has fewer rows than any of the row's operators needs (and no operator remembers anything of it), that is
 * all. Otherwise each operator takes the row into its hot form, and only when that cannot say "no" the judge computes
 * the aggregates from the rows.
 */
export class KeyedStore {
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly states: StateTable;
  readonly operators: readonly StoreOperator[];
  readonly retention: StoreRetention;
  readonly #classes: StoreClasses;
  readonly #router: Router;
  readonly #countsNulls: boolean;
  readonly #ends: readonly WindowEnds[];
  #nextEnd = Number.POSITIVE_INFINITY;
  readonly #walk: KeyWalk;
  readonly #window: WindowRows;
  readonly #judgement: StoreJudgement;

  constructor(setting: StoreSetting, router: Router, symbols: Symbols) {
    const { stream, key, limits, shard, shards } = setting;
    const specs = setting.operators.map((operator) => operator.spec);
    const tests = setting.operators.map((operator) => router.tests[operator.position]);
    const shapeOf = (column: number) => columnShape(stream, column);
    this.#router = router;
    this.#countsNulls = shard === 0;
    const residual = tests.some((test) => test !== null) ? router.residual : [];
    this.table = new RowTable(storedColumns(specs), shapeOf, residual, limits.key_groups);
    this.operators = setting.operators.map((operator, local) =>
      storeOperator(operator, tests[local], stream, this.table, symbols, setting.form),
    );
    const sizes = [...new Set(this.operators.filter((o) => o.decided === 'end').map((o) => o.size_ms))];
    const isId = key.map((column) => shapeOf(column).storage === 'id');
    const place = { shard, shards, groups: limits.key_groups };
    this.keys = new KeyTable(key, isId, Math.ceil(sizes.length / 32), place, symbols);
    this.#ends = sizes.map((size, i) => new WindowEnds(size, this.#endOperators(size), i, this.keys));
    const payloads = this.operators.map((operator) => operator.bounds.payload);
    this.states = new StateTable(payloads, this.keys, limits.key_groups);
    this.retention = new StoreRetention(this, new Horizon(specs), limits);
    this.#classes = new StoreClasses(this.operators, setting.operators, router);
    this.#walk = new KeyWalk(this.table);
    this.#window = new WindowRows(this.table, { bits: this.#classes.bits, residual, tests });
    this.#judgement = new StoreJudgement(
      { table: this.table, keys: this.keys, window: this.#window },
      stream,
      key,
      symbols,
    );
  }

  #endOperators(size: number): number[] {
    const all = this.operators.map((operator, local) => ({ operator, local }));
    return all.filter(({ operator: o }) => o.decided === 'end' && o.size_ms === size).map(({ local }) => local);
  }

  /** Folds in the `count` rows of the store that `list` names; then closes windows whose end - 1 is before `until`. */
  process(rows: StreamRows, list: Int32Array, count: number, until: number, out: Emission[]): void {
    if (count > 0) {
      this.keys.bind(rows);
      this.table.bind(rows);
    }
    for (let n = 0; n < count; n++) {
      const i = list[n];
      const time = rows.time[i];
      if (this.#nextEnd - 1 < time) this.#closeBefore(time, out);
      let key = this.keys.find(rows, i);
      if (key < 0) {
        if (key === NULL_KEY && this.#countsNulls) this.#classes.countNull(this.#router, i);
        if (key !== MISSING) continue;
        this.retention.makeRoomForKey(this.keys.group, time);
        key = this.keys.create();
      }
      this.#fold(rows, i, time, key, out);
    }
    if (this.#nextEnd - 1 < until) this.#closeBefore(until, out);
    this.retention.sweep(until);
  }

  #fold(rows: StreamRows, i: number, time: number, key: number, out: Emission[]): void {
    const row_class = this.#router.rowClass[i];
    const ints = this.keys.records.ints[key >> SEGMENT_BITS];
    const at = (key & SEGMENT_MASK) * this.keys.records.stride * 2 + this.keys.ints;
    const group = ints[at + KEY_GROUP];
    const row = this.table.append(rows, i, row_class, key, ints[at + KEY_NEWEST], group);
    ints[at + KEY_NEWEST] = row;
    ints[at + KEY_COUNT]++;
    if (this.#ends.length > 0) this.#noteEnds(key, time);
    this.retention.afterAppend(key, ints[at + KEY_COUNT], group, time);
    const count = ints[at + KEY_COUNT];
    if (count < this.#classes.least[row_class] && ints[at + KEY_STATE_OPERATOR] === 0) return;
    this.#walk.start(row);
    const members = this.#classes.members[row_class];
    for (let k = 0; k < members.length; k++) this.#step(members[k], rows, i, time, key, row, group, count, out);
  }

  #noteEnds(key: number, time: number): void {
    for (const ends of this.#ends) {
      ends.note(key, time);
      if (ends.end < this.#nextEnd) this.#nextEnd = ends.end;
    }
  }

  /** One operator looks at one row of a key that may be hot. */
  #step(
    local: number,
    rows: StreamRows,
    i: number,
    time: number,
    key: number,
    row: number,
    group: number,
    count: number,
    out: Emission[],
  ): void {
    const operator = this.operators[local];
    const { bounds, size_ms, tests } = operator;
    if (tests !== null && !passesResidual(this.#router.residual, tests, i)) return;
    const isSliding = operator.decided === 'event';
    const from = isSliding ? time - size_ms : Math.floor(time / size_ms) * size_ms;
    let state = this.states.find(key, local, group);
    const isNew = state < 0;
    if (isNew) {
      if (count < bounds.least_rows) return;
      state = this.states.create(key, local, group);
    }
    const decided_at = this.states.getTime(local, state);
    if (!isSliding && decided_at === from) return;
    const records = this.states.records[local];
    const payload = records.doubles[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
    if (isNew || this.states.getInt(local, state, STATE_STALE) === 1) {
      this.#fill(local, state, key, payload, at, from);
    } else feedPayload(bounds, payload, at, this.table, row, time, from);
    const holds = boundsHold(bounds, payload, at, from);
    if (isSliding) {
      const previous = this.states.getInt(local, state, STATE_TRUE) === 1 && decided_at >= from;
      this.states.setTime(local, state, time);
      const silent = previous && !operator.is_view;
      const isTrue =
        holds && (silent && bounds.are_exact ? true : this.#judge(local, rows, i, key, state, silent, out));
      this.states.setInt(local, state, STATE_TRUE, isTrue ? 1 : 0);
      if (isTrue && !silent && operator.resets) this.#reset(local, state, key, payload, at);
    } else if (holds && this.#judge(local, rows, i, key, state, false, out)) {
      this.states.setTime(local, state, from);
    }
  }

  /** Makes the payload what it would be had it seen the key's rows of the window one by one. */
  #fill(local: number, state: number, key: number, payload: Float64Array, at: number, from: number): void {
    const { bounds } = this.operators[local];
    this.states.setInt(local, state, STATE_STALE, 0);
    clearPayload(bounds, payload, at);
    if (bounds.trackers.length === 0) return;
    this.#collect(local, key, this.states.getInt(local, state, STATE_RESET), from);
    for (let k = this.#window.count - 1; k >= 0; k--) {
      const row = this.#window.rows[k];
      feedPayload(bounds, payload, at, this.table, row, this.table.timeOf(row), from);
    }
  }

  /** The key's rows of an operator from a time on, without those that a RESET has removed. */
  #collect(local: number, key: number, reset: number, from: number): void {
    const count = this.keys.get(key, KEY_COUNT);
    const steps = Math.min(count, this.keys.get(key, KEY_REMOVED) + count - reset);
    this.#window.collect(this.#walk, local, steps, from);
  }

  /** RESET (S13): all rows up to this firing count as having left, the deciding one too. */
  #reset(local: number, state: number, key: number, payload: Float64Array, at: number): void {
    this.states.setInt(local, state, STATE_TRUE, 0);
    this.states.setInt(local, state, STATE_RESET, this.keys.get(key, KEY_REMOVED) + this.keys.get(key, KEY_COUNT));
    clearPayload(this.operators[local].bounds, payload, at);
  }

  /** Judges an operator at row i by the key's rows; emits when true, unless told to be silent. */
  #judge(
    local: number,
    rows: StreamRows,
    i: number,
    key: number,
    state: number,
    silent: boolean,
    out: Emission[],
  ): boolean {
    const operator = this.operators[local];
    const time = rows.time[i];
    const isSliding = operator.decided === 'event';
    const start = isSliding ? time - operator.size_ms : Math.floor(time / operator.size_ms) * operator.size_ms;
    const end = isSliding ? time : start + operator.size_ms;
    this.#collect(local, key, this.states.getInt(local, state, STATE_RESET), start);
    const decider = { time, at_end: rows.atEnd[i], root: rows.root[i], row: i };
    const emission = this.#judgement.emission(operator, key, [start, end], decider, isSliding ? rows : null);
    if (emission === null) return false;
    if (!silent) out.push(emission);
    return true;
  }

  #closeBefore(time: number, out: Emission[]): void {
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const ends of this.#ends) {
      const { end } = ends;
      if (end === Number.NEGATIVE_INFINITY) continue;
      if (end - 1 < time) ends.close((key) => this.#judgeEnd(ends, end, key, out));
      else if (end < this.#nextEnd) this.#nextEnd = end;
    }
  }

  #judgeEnd(ends: WindowEnds, end: number, key: number, out: Emission[]): void {
    const start = end - ends.size_ms;
    const count = this.keys.get(key, KEY_COUNT);
    this.#walk.start(this.keys.get(key, KEY_NEWEST));
    for (const local of ends.operators) {
      const operator = this.operators[local];
      if (count < operator.bounds.least_rows) continue;
      this.#collect(local, key, 0, start);
      if (this.#window.count === 0) continue;
      const decider = { time: end - 1, at_end: 1, root: 0, row: 0 };
      const emission = this.#judgement.emission(operator, key, [start, end], decider, null);
      if (emission !== null) out.push(emission);
    }
  }

  /** Rows with a NULL in the key that an operator would have read (counted on shard 0 for all). */
  nullRowsOf(local: number): number {
    return this.#classes.nullRows[local];
  }

  get allocated_bytes(): number {
    return this.table.allocated_bytes + this.keys.allocated_bytes + this.states.allocated_bytes;
  }

  /** Marks the dictionary ids that rows and keys hold. Payloads hold only values of rows, or of rows that are gone. */
  markUsed(used: Uint8Array): void {
    this.keys.markTenantUsed(used);
    this.table.markUsed(used);
    this.table.forEach((row) => {
      this.keys.markUsed(this.table.keyOf(row), used);
    });
  }

  snapshot(): Snapshot {
    return {
      table: this.table.snapshot(),
      keys: this.keys.snapshot(),
      states: this.states.snapshot(),
      ends: this.#ends.map((ends) => ends.snapshot()),
      nullRows: this.#classes.nullRows.slice(),
      retention: this.retention.snapshot(),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { [part: string]: Snapshot } & { ends: Snapshot[]; nullRows: Float64Array };
    this.table.restore(from.table);
    this.keys.restore(from.keys);
    this.states.restore(from.states);
    this.#nextEnd = Number.POSITIVE_INFINITY;
    this.#ends.forEach((ends, i) => {
      ends.restore(from.ends[i]);
      if (ends.end !== Number.NEGATIVE_INFINITY) this.#nextEnd = Math.min(this.#nextEnd, ends.end);
    });
    this.#classes.nullRows.set(from.nullRows);
    this.retention.restore(from.retention);
  }
}
