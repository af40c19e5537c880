import { boundsHold, clearPayload, feedPayload } from '../operators/bounds.ts';
import { WindowRows } from '../operators/judge.ts';
import type { OperatorSpec, StreamSpec } from '../program.ts';
import { columnShape, readValue } from '../route/column-values.ts';
import type { RowClasses } from '../route/row-classes.ts';
import { rowAnchor, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import {
  KEY_COUNT,
  KEY_NEWEST,
  KEY_REMOVED,
  KEY_STATE_OPERATOR,
  KeyTable,
  MISSING,
  NULL_KEY,
} from '../state/key-table.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { RowTable } from '../state/row-table.ts';
import { STATE_HEADER, STATE_RESET, STATE_STALE, STATE_TRUE, StateTable } from '../state/state-table.ts';
import type { Value } from '../value.ts';
import type { Emission } from './emission.ts';
import type { StoreLimits } from './store-limits.ts';
import { type Form, Horizon, type StoreOperator, storedColumns, storeOperator } from './store-operator.ts';
import { StoreRetention } from './store-retention.ts';
import { WindowEnds } from './window-ends.ts';

/** No operator of the store reads rows of this class. */
const NOT_READ = 0x7fffffff;

/** What a store is made for: the operators of one stream with one key expression, on one shard's key groups. */
export interface StoreSetting {
  readonly stream: StreamSpec;
  readonly key: readonly number[];
  readonly operators: readonly { readonly index: number; readonly position: number; readonly spec: OperatorSpec }[];
  readonly shard: number;
  readonly shards: number;
  readonly form: Form;
  readonly limits: StoreLimits;
}

/**
 * HOT. One row store: all operators of a stream that group by the same key share its rows. A row costs one append; as
 * long as the key has fewer rows than any of the row's operators needs (and no operator remembers anything of it),
 * that is all. Otherwise each operator takes the row into its hot form, and only when that cannot say "no" the judge
 * computes the aggregates from the rows.
 */
export class KeyedStore {
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly states: StateTable;
  readonly operators: readonly StoreOperator[];
  readonly retention: StoreRetention;
  readonly #setting: StoreSetting;
  readonly #symbols: Symbols;
  /** By row class: operators of the store sorted by the rows they need, the least of these, and their bits. */
  readonly #members: Int32Array[] = [];
  #least = new Int32Array(64);
  readonly #bits: Uint32Array[] = [];
  /** By row class: rows with a NULL in the key. */
  #nullRows = new Float64Array(64);
  readonly #ends: readonly WindowEnds[];
  #nextEnd = Number.POSITIVE_INFINITY;
  readonly #window = new WindowRows();

  constructor(setting: StoreSetting, classes: RowClasses, symbols: Symbols) {
    const { stream, key, limits } = setting;
    const specs = setting.operators.map((operator) => operator.spec);
    this.#setting = setting;
    this.#symbols = symbols;
    this.table = new RowTable(storedColumns(specs), (column) => columnShape(stream, column), limits.key_groups);
    this.operators = setting.operators.map(({ index, spec }) =>
      storeOperator(index, spec, stream, this.table, symbols, setting.form),
    );
    const sizes = [...new Set(this.operators.filter((o) => o.decided === 'end').map((o) => o.size_ms))];
    const isId = key.map((column) => columnShape(stream, column).storage === 'id');
    const place = { shard: setting.shard, shards: setting.shards, groups: limits.key_groups };
    this.keys = new KeyTable(key, isId, Math.ceil(sizes.length / 32), place, symbols);
    this.#ends = sizes.map((size, i) => new WindowEnds(size, this.#endOperators(size), i, this.keys));
    const payloads = this.operators.map((operator) => operator.bounds.payload);
    this.states = new StateTable(payloads, this.keys, limits.key_groups);
    this.retention = new StoreRetention(this, new Horizon(specs), limits);
    classes.onClass((members) => this.#addClass(members));
  }

  #endOperators(size: number): number[] {
    const all = this.operators.map((operator, local) => ({ operator, local }));
    return all.filter(({ operator: o }) => o.decided === 'end' && o.size_ms === size).map(({ local }) => local);
  }

  #addClass(members: Int32Array): void {
    const row_class = this.#members.length;
    const local = this.#setting.operators.flatMap((operator, i) => (members.includes(operator.position) ? [i] : []));
    const needs = (operator: number) => this.operators[operator].bounds.least_rows;
    // Window ends are judged from the rows alone, so a row need not look at their operators.
    const looking = local.filter((operator) => this.operators[operator].decided !== 'end');
    looking.sort((a, b) => needs(a) - needs(b) || a - b);
    const bits = new Uint32Array((this.operators.length + 31) >> 5);
    for (const operator of local) bits[operator >> 5] |= 1 << (operator & 31);
    if (row_class >= this.#least.length) {
      const least = new Int32Array(row_class * 2);
      least.set(this.#least);
      this.#least = least;
      const nullRows = new Float64Array(row_class * 2);
      nullRows.set(this.#nullRows);
      this.#nullRows = nullRows;
    }
    this.#members.push(Int32Array.from(looking));
    this.#bits.push(bits);
    this.#least[row_class] = local.length === 0 ? NOT_READ : looking.length === 0 ? NOT_READ - 1 : needs(looking[0]);
  }

  /** Folds the rows in; then closes the windows whose end - 1 lies before `until`. */
  process(rows: StreamRows, rowClass: Int32Array, until: number, out: Emission[]): void {
    this.keys.bind(rows);
    this.table.bind(rows);
    for (let i = 0; i < rows.count; i++) {
      const row_class = rowClass[i];
      if (this.#least[row_class] === NOT_READ) continue;
      const time = rows.time[i];
      if (this.#nextEnd - 1 < time) this.#closeBefore(time, out);
      let key = this.keys.find(rows, i);
      if (key < 0) {
        if (key === NULL_KEY && this.#setting.shard === 0) this.#nullRows[row_class]++;
        if (key !== MISSING) continue;
        this.retention.makeRoomForKey(this.keys.group, time);
        key = this.keys.create();
      }
      this.#fold(rows, i, time, row_class, key, out);
    }
    if (this.#nextEnd - 1 < until) this.#closeBefore(until, out);
    this.retention.sweep(until);
  }

  #fold(rows: StreamRows, i: number, time: number, row_class: number, key: number, out: Emission[]): void {
    const group = this.keys.groupOf(key);
    const row = this.table.append(rows, i, row_class, key, this.keys.get(key, KEY_NEWEST), group);
    this.keys.set(key, KEY_NEWEST, row);
    this.keys.set(key, KEY_COUNT, this.keys.get(key, KEY_COUNT) + 1);
    for (const ends of this.#ends) {
      ends.note(key, time);
      if (ends.end < this.#nextEnd) this.#nextEnd = ends.end;
    }
    this.retention.afterAppend(key, group, time);
    const count = this.keys.get(key, KEY_COUNT);
    if (this.#least[row_class] > count && this.keys.get(key, KEY_STATE_OPERATOR) === 0) return;
    const members = this.#members[row_class];
    for (let k = 0; k < members.length; k++) this.#step(members[k], rows, i, time, key, row, group, count, out);
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
    const { bounds, size_ms } = operator;
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
    this.#window.collect(this.table, this.#bits, local, this.keys.get(key, KEY_NEWEST), steps, from);
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
    const place = { time, at_end: rows.atEnd[i], root: rows.root[i], row: i };
    const emission = this.#evaluate(operator, key, start, end, place, isSliding ? rows : null);
    if (emission === null) return false;
    if (!silent) out.push(emission);
    return true;
  }

  /** The emission of an operator over the collected rows, or null where HAVING is not true of them. */
  #evaluate(
    operator: StoreOperator,
    key: number,
    start: number,
    end: number,
    place: Pick<Emission, 'time' | 'at_end' | 'root' | 'row'>,
    anchorRows: StreamRows | null,
  ): Emission | null {
    const { spec } = operator;
    const window = this.#window;
    const keyValues = this.#keyValues(key);
    const result = operator.judge.evaluate(this.table, window, keyValues, start, end);
    if (!operator.judge.isTrue(result)) return null;
    const evidence: string[] = [];
    for (let k = Math.min(spec.evidence_limit, window.count) - 1; k >= 0; k--) {
      evidence.push(this.table.idOf(window.rows[k]));
    }
    return {
      operator: operator.index,
      spec,
      ...place,
      tenant: this.#symbols.textOf(this.keys.tenantOf(key)),
      key: keyValues,
      anchor: anchorRows === null ? { window_start: start } : rowAnchor(anchorRows, place.row),
      window: { start, end },
      first_event_at: this.table.timeOf(window.rows[window.count - 1]),
      last_event_at: this.table.timeOf(window.rows[0]),
      values: spec.outputs.map((output) => output.evaluate(result)),
      evidence,
      evidence_total: window.count,
      event_id: this.table.idOf(window.rows[0]),
    };
  }

  #keyValues(key: number): Value[] {
    const { stream, key: columns } = this.#setting;
    return columns.map((column, k) => readValue(columnShape(stream, column), this.keys.part(key, k), this.#symbols));
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
    for (const local of ends.operators) {
      const operator = this.operators[local];
      if (count < operator.bounds.least_rows) continue;
      this.#collect(local, key, 0, start);
      if (this.#window.count === 0) continue;
      const place = { time: end - 1, at_end: 1, root: 0, row: 0 };
      const emission = this.#evaluate(operator, key, start, end, place, null);
      if (emission !== null) out.push(emission);
    }
  }

  /** Rows with a NULL in the key that an operator would have read (counted on shard 0 for all). */
  nullRowsOf(local: number): number {
    const word = local >> 5;
    return this.#bits.reduce(
      (sum, bits, row_class) => sum + ((bits[word] >>> (local & 31)) & 1 ? this.#nullRows[row_class] : 0),
      0,
    );
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
      nullRows: this.#nullRows.slice(),
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
    this.#nullRows = from.nullRows.slice();
    this.retention.restore(from.retention);
  }
}
