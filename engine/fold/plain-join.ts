import type { Lookups } from '../lookups/lookups.ts';
import type { JoinSpec, Program } from '../program.ts';
import { evidenceOf, joinedEvidence } from '../route/row-evidence.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import {
  compareRows,
  isExists,
  isOneSource,
  isOuter,
  type JoinOperator,
  type JoinPlace,
  joinPlace,
  pairOf,
  type Side,
  standsBefore,
} from './join-parts.ts';
import { type JoinedRow, JoinedRows } from './join-rows.ts';
import { JoinGroup, type WaitingRow } from './plain-join-state.ts';
import { type Arrival, PlainRows } from './plain-rows.ts';
import { SideQuestions } from './side-questions.ts';
import { Sleep } from './sleep.ts';
import type { StoreLimits } from './store-limits.ts';

/** What a waiting row takes, about: its object, place in two lists, and texts of its own. */
export const ROW_BYTES = 512;

/**
 * A join of two streams within a time (S9): rows of both come in total order, each is matched with what came before it
 * and kept for what comes after, as long as that can match. A pair stands at its later row; the unmatched row of a
 * LEFT JOIN at its deadline, once every event up to then is known. EXISTS gives a left row at its first match, NOT EXISTS
 * like LEFT JOIN without one. State is in key groups (plain-join-state.ts).
 */
export class PlainJoin implements JoinOperator {
  readonly spec: JoinSpec;
  readonly #rows: PlainRows;
  readonly #groups: readonly JoinGroup[];
  readonly #joined: JoinedRows;
  /** Whether left rows without a match are of interest. */
  readonly #isOuter: boolean;
  readonly #isExists: boolean;
  readonly #place: JoinPlace;
  /** null: rows of that side do not sleep. */
  readonly #sleep: Readonly<Record<Side, Sleep | null>>;

  constructor(program: Program, stream: number, symbols: Symbols, limits: StoreLimits, lookups: Lookups) {
    const spec = program.streams[stream].join as JoinSpec;
    this.spec = spec;
    this.#isOuter = isOuter(spec.kind);
    this.#isExists = isExists(spec.kind);
    this.#rows = new PlainRows(program, spec, symbols);
    this.#place = joinPlace(program, stream);
    this.#groups = Array.from({ length: limits.key_groups }, () => new JoinGroup(limits, this.#place.keep_ms));
    this.#joined = new JoinedRows(program.streams[stream], spec, symbols);
    const questions = new SideQuestions(program, symbols, lookups);
    const sleepOf = (side: Side) => Sleep.of(program, stream, side, symbols, questions);
    this.#sleep = { left: sleepOf('left'), right: sleepOf('right') };
  }

  process(left: StreamRows, right: StreamRows, until: number, first: number): StreamRows {
    const out: JoinedRow[] = [];
    let l = 0;
    let r = 0;
    while (l < left.count || r < right.count) {
      const order = compareRows(this.spec, left, l, right, r);
      // A row of a stream that is joined with itself is taken once: it is matched as both sides, and then kept as both.
      const arrivals: Arrival[] = [];
      if (order <= 0) arrivals.push({ side: 'left', rows: left, i: l++ });
      if (order >= 0) arrivals.push({ side: 'right', rows: right, i: r++ });
      this.#take(arrivals, first, out);
    }
    // A lookup may still change at `until` itself.
    this.#wake(until - 1, out);
    this.#rows.passed('left', left);
    this.#rows.passed('right', right);
    for (const group of this.#groups) this.#expire(group, until, out);
    return this.#joined.make(out);
  }

  #take(arrivals: readonly Arrival[], before: number, out: JoinedRow[]): void {
    const passed = arrivals.flatMap((arrival) => {
      const row = this.#rows.rowOf(arrival, before);
      return row === null ? [] : [{ ...arrival, row, name: JSON.stringify([row.tenant, row.key]) }];
    });
    for (const { rows, i } of passed) this.#wake(rows.time[i], out);
    const taken = passed.filter((arrival) => !this.#falls(arrival, out));
    for (const { side, rows, i, row, name } of taken) {
      const group = this.#groupOf({ side, rows, i });
      this.#expire(group, rows.time[i], out);
      if (row.key.includes(null)) continue;
      const place = { time: rows.time[i], stamp: row.stamp, at_end: rows.atEnd[i], root: rows.root[i] };
      const others = group.rowsOf(name, side === 'left' ? 'right' : 'left');
      // From the newest back: of the rows that are there when its left row comes, EXISTS names the last.
      for (let k = others.length - 1; k >= 0; k--) {
        const other = others[k];
        const [first, second] = side === 'left' ? [row, other] : [other, row];
        if (!this.#matches(first, second)) continue;
        first.matched = true;
        // What EXISTS asks is answered: a left row that is there waits for nothing more.
        if (this.#isExists && side === 'right') group.remove(name, other);
        if (this.spec.kind === 'anti') continue;
        const isEarlier = side === 'left' && standsBefore(row, other, this.#place);
        const [earlier, later] = isEarlier ? [row, other] : [other, row];
        const pair = pairOf(this.spec, first, second);
        out.push({ ...place, left: first, right: second, pair, rests: joinedEvidence(earlier, later) });
      }
    }
    for (const { side, rows, i, row, name } of taken) {
      if (side === 'left' && this.#isExists && row.matched) continue;
      if (row.key.includes(null) && (side === 'right' || !this.#isOuter)) continue;
      const deadline = row.time + this.spec.after_ms;
      if (side === 'right' || rows.time[i] <= deadline) {
        row.isLast = rows.time[i] === deadline && rows.atEnd[i] === 2;
        this.#groupOf({ side, rows, i }).add(name, side, row);
      } else if (this.#isOuter && !row.matched) {
        // An EXISTS held it back beyond its deadline.
        const place = { time: rows.time[i], stamp: row.stamp, at_end: rows.atEnd[i], root: rows.root[i] };
        out.push({ ...place, ...this.#alone(row) });
      }
    }
  }

  /** Those that sleep no more at a change of a lookup, up to `time`, are kept behind all that came before it. */
  #wake(time: number, out: JoinedRow[]): void {
    const next = (side: Side) => this.#sleep[side]?.nextTurn(time) ?? Number.POSITIVE_INFINITY;
    const turns = { left: next('left'), right: next('right') };
    for (;;) {
      const at = Math.min(turns.left, turns.right);
      if (at === Number.POSITIVE_INFINITY) return;
      for (const side of ['left', 'right'] as const) {
        if (turns[side] !== at) continue;
        this.#wakeSide(side, at, out);
        turns[side] = next(side);
      }
    }
  }

  #wakeSide(side: Side, time: number, out: JoinedRow[]): void {
    for (const group of this.#groups) {
      this.#expire(group, time, out);
      group.wake(side, (row) => this.#sleep[side]?.holds(this.#rows.batchOf(side, row), 0, time) === true);
    }
  }

  /** Whether a row falls asleep. */
  #falls({ row, name, ...arrival }: Arrival & { row: WaitingRow; name: string }, out: JoinedRow[]): boolean {
    const { side, rows, i } = arrival;
    if (row.key.includes(null) || this.#sleep[side]?.holds(rows, i, rows.time[i]) !== true) return false;
    const group = this.#groupOf(arrival);
    this.#expire(group, rows.time[i], out);
    group.fallAsleep(name, side, row);
    return true;
  }

  #groupOf(arrival: Arrival): JoinGroup {
    return this.#groups[this.#rows.groupOf(arrival, this.#groups.length)];
  }

  #matches(left: WaitingRow, right: WaitingRow): boolean {
    const { before_ms, after_ms } = this.spec;
    const distance = right.time - left.time;
    if (distance < -before_ms || distance > after_ms || (this.#isExists && left.matched)) return false;
    if (this.#place.isSelf && left.stamp === right.stamp && isOneSource(left.id, right.id, this.#place)) return false;
    return this.#passes(left, right);
  }

  #passes(left: WaitingRow, right: WaitingRow): boolean {
    const { residual, sources } = this.spec;
    if (residual === null) return true;
    return residual.test(residual.sources.map((k) => (sources[k].side === 'left' ? left : right).values[k])) === true;
  }

  #expire(group: JoinGroup, time: number, out: JoinedRow[]): void {
    const unmatched: WaitingRow[] = [];
    group.expire(time, unmatched);
    if (!this.#isOuter) return;
    for (const left of unmatched) {
      const deadline = left.time + this.spec.after_ms;
      const at_end = left.isLast ? 2 : 1;
      const place = { time: deadline, stamp: left.stamp + this.spec.after_ms, at_end, root: 0 };
      out.push({ ...place, ...this.#alone(left) });
    }
  }

  /** The row of a left row without a match. */
  #alone(left: WaitingRow) {
    return { left, right: null, pair: pairOf(this.spec, left, null), rests: evidenceOf(left) };
  }

  /** What bounds dropped, by the bound's name. */
  get drops(): readonly JoinGroup['drops'][] {
    return this.#groups.map((group) => group.drops);
  }

  get rows(): number {
    return this.#groups.reduce((total, group) => total + group.rows, 0);
  }

  /** An estimate. */
  get bytes(): number {
    return this.rows * ROW_BYTES;
  }

  get keys(): number {
    return this.#groups.reduce((total, group) => total + group.keys, 0);
  }

  forget(): void {
    this.#sleep.left?.forget();
    this.#sleep.right?.forget();
  }

  /** Its rows hold texts. */
  markUsed(): void {}

  snapshot(): Snapshot {
    const { left, right } = this.#sleep;
    const told = [left?.told_ms ?? 0, right?.told_ms ?? 0];
    return {
      ...{ rows: this.#rows.snapshot(), groups: this.#groups.map((group) => group.snapshot()) },
      told: Float64Array.from(told),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { rows: string; groups: Snapshot[]; told: Float64Array };
    this.#sleep.left?.restore(from.told[0]);
    this.#sleep.right?.restore(from.told[1]);
    this.#rows.restore(from.rows);
    from.groups.forEach((group, i) => {
      this.#groups[i].restore(group);
    });
  }
}
