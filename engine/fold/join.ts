import type { DropCounters } from '../limits.ts';
import type { JoinSpec, Program } from '../program.ts';
import { columnShape } from '../route/column-values.ts';
import { evidenceOf, joinedEvidence } from '../route/row-evidence.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { KeyTable } from '../state/key-table.ts';
import { JoinAhead } from './join-ahead.ts';
import { JoinBounds } from './join-bounds.ts';
import { JoinInput, NULL_KEY, STOPPED } from './join-input.ts';
import { JOIN_MARKS, LAST_AT_DEADLINE, MATCHED, NULL_IN_KEY } from './join-layout.ts';
import {
  compareRows,
  isExists,
  isOuter,
  type JoinNeeds,
  type JoinOperator,
  type JoinPlace,
  type JoinRow,
  joinPlace,
  pairOf,
  placeOfRow,
  type Side,
  standsBefore,
} from './join-parts.ts';
import type { PassedRows } from './join-routes.ts';
import { type JoinedRow, JoinedRows } from './join-rows.ts';
import { JoinSide } from './join-side.ts';
import { PairGuard } from './pair-guard.ts';
import { PairTest } from './pair-test.ts';
import { PassedOver, type PassedOverRow } from './passed-over.ts';
import { Sleep } from './sleep.ts';
import { SleepingRows } from './sleeping-rows.ts';
import { SleepingSides } from './sleeping-sides.ts';
import type { StoreLimits } from './store-limits.ts';

/** In place of a key that has to be looked for. */
const UNASKED = -9;
/** The key has no row, and its group was not looked for. */
const NONE = -8;

/**
 * HOT. A join of two streams within a time (S9), as typed state: the same results as the plain form (plain-join.ts),
 * without an object for a row that waits. A row's WHERE is a look at its class, its key a dense number, and what can be
 * matched no more stands at the head of one queue a side.
 */
export class Join implements JoinOperator {
  readonly spec: JoinSpec;
  readonly #place: JoinPlace;
  readonly #isExists: boolean;
  readonly #isOuter: boolean;
  readonly #passed: Readonly<Record<Side, PassedRows>>;
  readonly #inputs: Readonly<Record<Side, JoinInput>>;
  readonly #keys: KeyTable;
  readonly #sides: Readonly<Record<Side, JoinSide>>;
  readonly #bounds: JoinBounds;
  readonly #joined: JoinedRows;
  readonly #pairs: PairTest;
  readonly #sleeping: SleepingSides;
  /** The key that was found for the row that came, or MISSING: then its parts are those that the keys looked for last. */
  #found = UNASKED;
  readonly #ahead: JoinAhead;
  readonly #passedOver = new PassedOver();
  /** Of the push that is on: its end, and the time of the row that each side gives next. */
  #until = Number.POSITIVE_INFINITY;
  readonly #next_ms = { left: Number.POSITIVE_INFINITY, right: Number.POSITIVE_INFINITY };

  constructor(program: Program, stream: number, symbols: Symbols, limits: StoreLimits, needs: JoinNeeds) {
    const spec = program.streams[stream].join as JoinSpec;
    this.spec = spec;
    this.#place = joinPlace(program, stream);
    this.#isExists = isExists(spec.kind);
    this.#isOuter = isOuter(spec.kind);
    const { left } = spec;
    this.#passed = needs.routes.of(spec);
    const keyIsId = left.key.map((column) => columnShape(program.streams[left.stream], column).storage === 'id');
    const inputOf = (side: Side) => new JoinInput(spec, side, keyIsId);
    this.#inputs = { left: inputOf('left'), right: inputOf('right') };
    const place = { shard: 0, shards: 1, groups: limits.key_groups };
    this.#keys = new KeyTable(left.key, keyIsId, JOIN_MARKS, place, symbols);
    const sideOf = (side: Side) => new JoinSide(program, spec, side, this.#keys, this.#place.keep_ms[side], symbols);
    this.#sides = { left: sideOf('left'), right: sideOf('right') };
    this.#bounds = new JoinBounds(this.#keys, [this.#sides.left, this.#sides.right], limits);
    this.#joined = new JoinedRows(program.streams[stream], spec, symbols);
    const guard = PairGuard.of(program, stream, symbols, needs.lookups);
    this.#pairs = new PairTest(spec, this.#sides, this.#place, guard);
    this.#sleeping = new SleepingSides((side) => {
      const sleep = Sleep.of(program, stream, side, symbols, needs.questions);
      return sleep && new SleepingRows(sleep, program, spec, side, this.#place.keep_ms[side], symbols, limits);
    });
    this.#ahead = new JoinAhead({
      ...{ kind: spec.kind, place: this.#place, passed: this.#passed, inputs: this.#inputs, sides: this.#sides },
      ...{ bounds: this.#bounds, sleeping: this.#sleeping },
    });
  }

  process(left: StreamRows, right: StreamRows, until: number, first: number): StreamRows {
    const out: JoinedRow[] = [];
    this.#bind('left', left, first);
    this.#bind('right', right, first);
    const { left: lefts, right: rights } = this.#passed;
    this.#ahead.take(left, right, until);
    this.#until = until;
    let l = 0;
    let r = 0;
    while (l < lefts.count || r < rights.count) {
      const a = l < lefts.count ? lefts.list[l] : left.count;
      const b = r < rights.count ? rights.list[r] : right.count;
      const order = compareRows(this.spec, left, a, right, b);
      if (order <= 0) l++;
      if (order >= 0) r++;
      this.#next_ms.left = l < lefts.count ? left.time[lefts.list[l]] : Number.POSITIVE_INFINITY;
      this.#next_ms.right = r < rights.count ? right.time[rights.list[r]] : Number.POSITIVE_INFINITY;
      this.#take(left, order <= 0 ? a : -1, right, order >= 0 ? b : -1, out);
    }
    // A lookup may still change at `until` itself.
    this.#wake(left, right, until - 1, out);
    this.#passedOver.clear();
    this.#expire(until, out);
    this.#sleeping.expire(until);
    return this.#joined.make(out);
  }

  #bind(side: Side, rows: StreamRows, first: number): void {
    const { count } = this.#passed[side];
    this.#sides[side].bind(rows, first, count > 0);
    if (count === 0) return;
    this.#inputs[side].bind(rows);
    this.#sleeping[side]?.bind(rows, first, this.#passed[side]);
  }

  /** A row of a stream that is joined with itself is taken once: it is matched as both sides, and then kept as both. */
  #take(left: StreamRows, l: number, right: StreamRows, r: number, out: JoinedRow[]): void {
    let leftKey = l < 0 ? STOPPED : this.#inputs.left.keyOf(l);
    let rightKey = r < 0 ? STOPPED : this.#inputs.right.keyOf(r);
    if (leftKey === STOPPED && rightKey === STOPPED) return;
    const time = l < 0 ? right.time[r] : left.time[l];
    const isAsked = this.#wake(left, right, time, out);
    this.#expire(time, out);
    if (isAsked) {
      // The inputs say the numbers of the last key that they were asked for.
      if (l >= 0) this.#inputs.left.keyOf(l);
      if (r >= 0) this.#inputs.right.keyOf(r);
    }
    if (leftKey !== STOPPED && this.#sleeping.left?.take(left, l)) leftKey = STOPPED;
    if (rightKey !== STOPPED && this.#sleeping.right?.take(right, r)) rightKey = STOPPED;
    if (leftKey === STOPPED && rightKey === STOPPED) return;
    // Rows that have left may have taken the key with them.
    let isMatched = false;
    this.#found = UNASKED;
    if (leftKey !== STOPPED && leftKey !== NULL_KEY) isMatched = this.#matchLeft(left, l, out);
    if (rightKey !== STOPPED && rightKey !== NULL_KEY) this.#matchRight(right, r, out);
    // What EXISTS lets go takes its key with it, and who keeps one row may let others go.
    if (this.#isExists || (leftKey !== STOPPED && rightKey !== STOPPED)) this.#found = UNASKED;
    if (leftKey !== STOPPED) this.#keepLeft(left, l, isMatched, leftKey === NULL_KEY, out);
    if (rightKey !== STOPPED && rightKey !== NULL_KEY) this.#keep('right', right, r, right.time[r], 0);
  }

  /**
   * Those that sleep no more at a change of a lookup, up to `time`, are kept behind all that came before it. At the change's
   * own time, whichever row comes next: how many there are then decides what bounds drop. Whether any side was asked.
   */
  #wake(left: StreamRows, right: StreamRows, time: number, out: JoinedRow[]): boolean {
    const { left: lefts, right: rights } = this.#sleeping;
    if (lefts === null && rights === null) return false;
    let l = lefts?.nextTurn(time) ?? Number.POSITIVE_INFINITY;
    let r = rights?.nextTurn(time) ?? Number.POSITIVE_INFINITY;
    if (l === r && l === Number.POSITIVE_INFINITY) return false;
    for (let at = Math.min(l, r); at < Number.POSITIVE_INFINITY; at = Math.min(l, r)) {
      this.#expire(at, out);
      this.#sleeping.expire(at);
      for (const one of this.#passedOver.takeAt(at)) this.#keepAfterAll(one);
      if (lefts !== null && l === at) {
        this.#wakeSide('left', lefts, left, at);
        l = lefts.nextTurn(time);
      }
      if (rights !== null && r === at) {
        this.#wakeSide('right', rights, right, at);
        r = rights.nextTurn(time);
      }
    }
    return true;
  }

  #wakeSide(side: Side, sleeping: SleepingRows, rows: StreamRows, time: number): void {
    sleeping.wake(time, (one) => {
      this.#inputs[side].bind(one);
      this.#sides[side].readFrom(one);
      this.#keepAfterAll({ side, rows: one, i: 0, time: one.time[0], state: 0 });
    });
    if (this.#passed[side].count > 0) {
      this.#inputs[side].bind(rows);
      this.#sides[side].readFrom(rows);
    }
  }

  /** Matches a left row with the right rows that are there, from the newest back: EXISTS names the last of them. */
  #matchLeft(rows: StreamRows, i: number, out: JoinedRow[]): boolean {
    const key = this.#find(rows.tenant[i], this.#inputs.left.parts);
    if (key < 0) return false;
    const { before_ms, after_ms, kind } = this.spec;
    const { left, right } = this.#sides;
    const time = this.#timeOf(rows, i);
    let isMatched = false;
    for (let row = right.newestOf(key); row >= 0; row = right.olderThan(row)) {
      const other = right.timeOf(row);
      // Right rows stand in the order of their times, but for those that slept.
      if (other - time < -before_ms && this.#sleeping.right === null) break;
      if (other - time < -before_ms) continue;
      if (other - time > after_ms) continue;
      if (!this.#pairs.passes(rows, i, 'left', row)) continue;
      isMatched = true;
      if (kind === 'anti') break;
      if (!this.#pairs.isRead(rows, i, 'left', row)) continue;
      const first = left.rowIn(rows, i, time, this.#inputs.left.parts);
      const second = right.rowOf(row);
      const [earlier, later] = standsBefore(first, second, this.#place) ? [first, second] : [second, first];
      out.push({ ...this.#pair(rows, i, first, second), rests: joinedEvidence(earlier, later) });
      if (kind === 'semi') break;
    }
    return isMatched;
  }

  #matchRight(rows: StreamRows, i: number, out: JoinedRow[]): void {
    const key = this.#find(rows.tenant[i], this.#inputs.right.parts);
    if (key < 0) return;
    const { before_ms, after_ms, kind } = this.spec;
    const { left, right } = this.#sides;
    const time = rows.time[i];
    for (let row = left.newestOf(key), older = -1; row >= 0; row = older) {
      older = left.olderThan(row);
      const distance = time - left.timeOf(row);
      if (distance < -before_ms || distance > after_ms || left.hasNull(row)) continue;
      if (!this.#pairs.passes(rows, i, 'right', row)) continue;
      if (kind !== 'anti' && this.#pairs.isRead(rows, i, 'right', row)) {
        const first = left.rowOf(row);
        const second = right.rowIn(rows, i, time, this.#inputs.right.parts);
        out.push({ ...this.#pair(rows, i, first, second), rests: joinedEvidence(first, second) });
      }
      // What EXISTS asks is answered: the row waits for nothing more.
      if (this.#isExists) this.#bounds.expire(left, row);
      else left.setMatched(row);
    }
  }

  /** What row i of the push decides. */
  #pair(rows: StreamRows, i: number, left: JoinRow, right: JoinRow) {
    return { ...placeOfRow(rows, i), left, right, pair: pairOf(this.spec, left, right) };
  }

  /** The key of the row that its side's input was asked for last. Most rows have one that no row has. */
  #find(tenant: number, parts: readonly number[]): number {
    this.#found = this.#bounds.hasNone(parts) ? NONE : this.#keys.findParts(tenant, parts);
    return this.#found;
  }

  /** What WITHIN is measured from. */
  #timeOf(rows: StreamRows, i: number): number {
    return rows.from === undefined ? rows.time[i] : rows.from[i];
  }

  #keepLeft(rows: StreamRows, i: number, isMatched: boolean, hasNull: boolean, out: JoinedRow[]): void {
    if (this.#isExists && isMatched) return;
    const time = this.#timeOf(rows, i);
    const deadline = time + this.spec.after_ms;
    if (rows.time[i] <= deadline) {
      const isLast = rows.time[i] === deadline && rows.atEnd[i] === 2;
      const state = (isMatched ? MATCHED : 0) | (hasNull ? NULL_IN_KEY : 0) | (isLast ? LAST_AT_DEADLINE : 0);
      this.#keep('left', rows, i, time, state);
    } else if (this.#isOuter && !isMatched) {
      // An EXISTS held it back beyond its deadline.
      const row = this.#sides.left.rowIn(rows, i, time, this.#inputs.left.parts);
      out.push({ ...placeOfRow(rows, i), ...this.#alone(row) });
    }
  }

  #keep(side: Side, rows: StreamRows, i: number, time: number, state: number): void {
    const leaves = time + this.#place.keep_ms[side];
    const over = this.#passedOver.countAt(rows.time[i]);
    const mayPass = this.#isGone(side, leaves) && this.#sides[side].isShort(rows, i);
    if (mayPass && this.#found === NONE && this.#bounds.isFar(over)) {
      this.#passedOver.add(side, rows, i, time, state, leaves);
      return;
    }
    const isKnown = this.#found !== UNASKED && this.#found !== NONE;
    const key = isKnown ? this.#found : this.#keys.findParts(rows.tenant[i], this.#inputs[side].parts);
    if (mayPass && this.#bounds.passOver(key, over)) {
      this.#passedOver.add(side, rows, i, time, state, leaves);
      return;
    }
    if (over === 0) {
      this.#append(side, rows, i, time, state, key);
      return;
    }
    for (const one of this.#passedOver.takeAt(rows.time[i])) this.#keepAfterAll(one);
    this.#keepAfterAll({ side, rows, i, time, state });
  }

  /** Whether a row leaves before a row of the other side comes, and nothing hears of it: most of a side that is not waited for. */
  #isGone(side: Side, leaves: number): boolean {
    const isSilent = side === 'right' || !this.#isOuter;
    return isSilent && leaves < this.#until && leaves < this.#next_ms[side === 'left' ? 'right' : 'left'];
  }

  #keepAfterAll({ side, rows, i, time, state }: PassedOverRow): void {
    this.#inputs[side].keyOf(i);
    this.#append(side, rows, i, time, state, this.#keys.findParts(rows.tenant[i], this.#inputs[side].parts));
  }

  /** `found`: what the keys gave when they were asked last, for this row. */
  #append(side: Side, rows: StreamRows, i: number, time: number, state: number, found: number): void {
    const own = this.#sides[side];
    const key = this.#bounds.keyAt(found);
    this.#bounds.added(own, own.append(rows, i, time, key, state), key);
  }

  /** Removes what is awake and no row at `time` or later can match; left rows among it that have no match become rows of the join. */
  #expire(time: number, out: JoinedRow[]): void {
    const { left, right } = this.#sides;
    for (let row = left.expiredAt(time); row >= 0; row = left.expiredAt(time)) {
      if (this.#isOuter && !left.isMatched(row)) this.#emitUnmatched(row, out);
      this.#bounds.expire(left, row);
    }
    for (let row = right.expiredAt(time); row >= 0; row = right.expiredAt(time)) this.#bounds.expire(right, row);
  }

  #emitUnmatched(row: number, out: JoinedRow[]): void {
    const left = this.#sides.left.rowOf(row);
    const { after_ms } = this.spec;
    const at_end = this.#sides.left.isLast(row) ? 2 : 1;
    out.push({ time: left.time + after_ms, stamp: left.stamp + after_ms, at_end, root: 0, ...this.#alone(left) });
  }

  /** The row of a left row without a match. */
  #alone(left: JoinRow) {
    return { left, right: null, pair: pairOf(this.spec, left, null), rests: evidenceOf(left) };
  }

  forget(): void {
    this.#pairs.forget();
    this.#sleeping.forget();
  }

  get drops(): readonly DropCounters[] {
    const { dropped } = this.#sleeping;
    return dropped === 0 ? [this.#bounds.drops] : [this.#bounds.drops, { rows_per_group: dropped }];
  }

  get rows(): number {
    return this.#sides.left.live + this.#sides.right.live + this.#sleeping.live;
  }

  get keys(): number {
    return this.#keys.records.live;
  }

  /** Of one key, without the entry by which it is found, and of one row of each side. */
  get record_bytes(): { readonly key: number } & Readonly<Record<Side, number>> {
    const { left, right } = this.#sides;
    return { key: this.#keys.records.stride * 8, left: left.row_bytes, right: right.row_bytes };
  }

  get bytes(): number {
    const all = [this.#keys, this.#sides.left, this.#sides.right, this.#sleeping, this.#bounds];
    return all.reduce((sum, { allocated_bytes }) => sum + allocated_bytes, 0);
  }

  markUsed(used: Uint8Array): void {
    this.#keys.markUsed(used);
    this.#sides.left.markUsed(used);
    this.#sides.right.markUsed(used);
    this.#sleeping.markUsed(used);
  }

  snapshot(): Snapshot {
    return {
      keys: this.#keys.snapshot(),
      left: this.#sides.left.snapshot(),
      right: this.#sides.right.snapshot(),
      bounds: this.#bounds.snapshot(),
      sleeping: this.#sleeping.snapshot(),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { readonly [part: string]: Snapshot };
    this.#keys.restore(from.keys);
    this.#sides.left.restore(from.left);
    this.#sides.right.restore(from.right);
    this.#bounds.restore(from.bounds);
    this.#sleeping.restore(from.sleeping);
  }
}
