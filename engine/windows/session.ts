import type { Emission } from '../fold/emission.ts';
import type { Decider } from '../fold/store-judgement.ts';
import type { StoreOperator } from '../fold/store-operator.ts';
import type { WindowSpec } from '../program.ts';
import { rowAnchor, type StreamRows } from '../route/stream-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import { HotBounds } from './hot-bounds.ts';
import { FIRST, FIRST_STAMP, LAST, TRUE_START } from './timed-states.ts';
import {
  collect,
  endDecides,
  FORGET,
  rowDecides,
  startWalk,
  type TimedWindow,
  type WindowParts,
} from './timed-window.ts';

/**
 * SESSION (S8): a state is an open session, FIRST the time of its first row. The session ends at min(last + GAP,
 * first + MAX), where it is due: a row at or after that finds no state and begins a new one. TRUE_START is FIRST once
 * the session was decided early.
 */
export class SessionWindow implements TimedWindow {
  readonly expected = null;
  readonly isPatient: boolean;
  readonly within_ms: number;
  readonly #parts: WindowParts;
  readonly #local: number;
  readonly #operator: StoreOperator;
  readonly #hot: HotBounds;
  readonly #gap_ms: number;
  readonly #max_ms: number;
  /** Ids of the rows of a view that began open sessions, by state: stored rows have the ids of events only. */
  readonly #viewRows: Map<number, string> | null;

  constructor(parts: WindowParts, local: number) {
    this.#parts = parts;
    this.#local = local;
    this.#operator = parts.operators[local];
    this.#hot = new HotBounds(parts, local);
    const window = this.#operator.spec.window as Extract<WindowSpec, { kind: 'session' }>;
    this.#gap_ms = window.gap_ms;
    this.#max_ms = window.max_ms ?? Number.POSITIVE_INFINITY;
    this.within_ms = this.#max_ms - this.#gap_ms;
    this.#viewRows = this.#operator.spec.input === 0 ? null : new Map();
    // A view's row has an id and a timestamp that are not stored. At the end every session is judged, and what fails is told.
    const { spec, bounds, decided } = this.#operator;
    const isSilent = decided === 'early' || spec.aggregates.every(({ onFailure }) => onFailure === undefined);
    this.isPatient = this.#viewRows === null && isSilent && bounds.least_rows > 1;
  }

  take(state: number, fresh: boolean, rows: StreamRows, i: number, key: number, out: Emission[]): void {
    const { states, window } = this.#parts;
    const operator = this.#operator;
    const time = rows.time[i];
    if (fresh) {
      states.set(state, FIRST, time);
      states.set(state, FIRST_STAMP, rows.stamp[i]);
      this.#viewRows?.set(state, rowAnchor(rows, i).id);
    }
    states.set(state, LAST, time);
    const first = states.get(state, FIRST);
    if (fresh) states.schedule(state, this.#endOf(state));
    if (operator.decided !== 'early') return;
    if (states.get(state, TRUE_START) === first) {
      if (operator.every) this.#goOn(state, key, first, rowDecides(rows, i), out);
      return;
    }
    if (this.#hot.since(state, key, time, first) < first) return;
    collect(this.#parts, this.#local, key, first, operator.enough);
    if (window.count < operator.bounds.least_rows) return;
    if (!this.#judge(state, key, rowDecides(rows, i), out)) return;
    states.set(state, TRUE_START, first);
    this.#hot.forget(state);
  }

  /** A rule with a life is told of every further event of a session that is decided. */
  #goOn(state: number, key: number, first: number, decider: Decider, out: Emission[]): void {
    collect(this.#parts, this.#local, key, first, Number.POSITIVE_INFINITY);
    const made: Emission[] = [];
    this.#judge(state, key, decider, made);
    for (const emission of made) out.push({ ...emission, continues: true });
  }

  due(state: number, due: number, key: number, _reached: number, out: Emission[]): number {
    const end = this.#endOf(state);
    if (end > due) return end;
    if (this.#operator.decided === 'end') {
      startWalk(this.#parts, key);
      collect(this.#parts, this.#local, key, this.#parts.states.get(state, FIRST), Number.POSITIVE_INFINITY);
      this.#judge(state, key, endDecides(end), out);
    }
    return FORGET;
  }

  forget(state: number): void {
    this.#hot.forget(state);
    this.#viewRows?.delete(state);
  }

  keepFrom(state: number): number {
    return this.#parts.states.get(state, FIRST);
  }

  endsAt(first: number, last: number): number {
    return Math.min(last + this.#gap_ms, first + this.#max_ms);
  }

  keepsFrom(first: number): number {
    return first;
  }

  wake(state: number, first: number, last: number, rows: number): void {
    const { states } = this.#parts;
    states.set(state, FIRST, first);
    states.set(state, FIRST_STAMP, first);
    states.set(state, LAST, last);
    this.#hot.wake(state, rows);
    states.schedule(state, this.endsAt(first, last));
  }

  #endOf(state: number): number {
    const { states } = this.#parts;
    return this.endsAt(states.get(state, FIRST), states.get(state, LAST));
  }

  /** Over the collected rows; the anchor is the session's first event (S7). */
  #judge(state: number, key: number, decider: Decider, out: Emission[]): boolean {
    const { states, judgement, window, table } = this.#parts;
    const first = states.get(state, FIRST);
    const emission = judgement.emission(this.#operator, key, first, this.#endOf(state), decider, null);
    if (emission === null) return false;
    const id = this.#viewRows?.get(state) ?? table.idOf(window.rows[window.count - 1]);
    out.push({ ...emission, anchor: { timestamp: states.get(state, FIRST_STAMP), id } });
    return true;
  }

  get allocated_bytes(): number {
    return this.#hot.allocated_bytes;
  }

  snapshot(): Snapshot {
    const viewRows = [...(this.#viewRows ?? [])];
    return { states: viewRows.map(([state]) => state), ids: viewRows.map(([, id]) => id), hot: this.#hot.snapshot() };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { states: number[]; ids: string[]; hot: Snapshot };
    this.#hot.restore(from.hot);
    from.states.forEach((state, k) => {
      this.#viewRows?.set(state, from.ids[k]);
    });
  }
}
