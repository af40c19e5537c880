import type { Emission } from '../fold/emission.ts';
import type { Decider } from '../fold/store-judgement.ts';
import type { StoreOperator } from '../fold/store-operator.ts';
import type { WindowSpec } from '../program.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Calendar, makeCalendar } from './calendar.ts';
import { type Expectation, ExpectedKeys } from './expected-keys.ts';
import { HotBounds } from './hot-bounds.ts';
import { FIRST, LAST, TRUE_START } from './timed-states.ts';
import {
  collect,
  endDecides,
  FORGET,
  rowDecides,
  startWalk,
  type TimedWindow,
  type WindowParts,
  wholeKey,
} from './timed-window.ts';

type AlignedSpec = Extract<WindowSpec, { kind: 'hopping' | 'tumbling' }>;

/** What HOPPING and TUMBLING have in common, decided early or at the end. */
abstract class AlignedWindow {
  protected readonly parts: WindowParts;
  protected readonly local: number;
  protected readonly operator: StoreOperator;
  protected readonly calendar: Calendar;
  /** A HOPPING rule has one detection per run of consecutive true windows; a view has a row per window. */
  protected readonly joinsRuns: boolean;
  protected readonly empty_ms: number;
  protected readonly hot: HotBounds;
  /** WITH EMPTY KEYS OF a lookup; null without. */
  readonly expected: ExpectedKeys | null;
  readonly isPatient: boolean;
  readonly within_ms = Number.POSITIVE_INFINITY;

  constructor(parts: WindowParts, local: number, expectation: Expectation | null = null) {
    this.parts = parts;
    this.local = local;
    this.operator = parts.operators[local];
    const window = this.operator.spec.window as AlignedSpec;
    const advance_ms = window.kind === 'hopping' ? window.advance_ms : window.size_ms;
    this.calendar = makeCalendar(window.size_ms, advance_ms, window.calendar);
    this.joinsRuns = window.kind === 'hopping' && !this.operator.is_view;
    this.empty_ms = window.empty_ms ?? Number.NEGATIVE_INFINITY;
    this.hot = new HotBounds(parts, local);
    this.expected = expectation === null ? null : new ExpectedKeys(parts, this.operator, this.calendar, expectation);
    this.isPatient = this.operator.bounds.least_rows > 1 && window.empty_ms === undefined && expectation === null;
  }

  keepsFrom(_first: number, time: number): number {
    return this.calendar.firstOpen(time);
  }

  /** Judges a window by the collected rows; null where it is not true. */
  protected judge(key: number, start: number, decider: Decider): Emission | null {
    const { judgement } = this.parts;
    return judgement.emission(this.operator, key, start, this.calendar.endOf(start), decider, null);
  }

  /** The window from `start` on is true, and no later one was: what it gives leaves, unless a run goes on with it. */
  protected setTrue(state: number, start: number, emission: Emission, out: Emission[]): void {
    const { states } = this.parts;
    const goesOn =
      this.joinsRuns &&
      (states.get(state, TRUE_START) === this.calendar.previous(start) ||
        this.expected?.goesOn(emission.tenant, emission.key, start) === true);
    states.set(state, TRUE_START, start);
    if (!goesOn) out.push(emission);
    else if (this.operator.every) out.push({ ...emission, continues: true });
  }

  forget(state: number): void {
    this.hot.forget(state);
  }

  get allocated_bytes(): number {
    return this.hot.allocated_bytes;
  }

  snapshot(): Snapshot {
    return { hot: this.hot.snapshot(), expected: this.expected?.snapshot() ?? null };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { hot: Snapshot; expected: Snapshot };
    this.hot.restore(from.hot);
    this.expected?.restore(from.expected);
  }
}

/**
 * Decided at the first event that makes HAVING true. Of the windows that contain an event, an earlier one has all the
 * rows of a later one and is true if that is: so those that are true are the earliest, and the others follow the last.
 */
export class EarlyAligned extends AlignedWindow implements TimedWindow {
  /** A window is true exactly where the bounds say so, and one that goes on with a run gives nothing. */
  readonly #canGoOn: boolean;

  constructor(parts: WindowParts, local: number) {
    super(parts, local);
    const { bounds, every } = this.operator;
    this.#canGoOn = this.joinsRuns && bounds.are_exact && bounds.payload > 0 && !every;
  }

  take(state: number, fresh: boolean, rows: StreamRows, i: number, key: number, out: Emission[]): void {
    const { states, window } = this.parts;
    const { calendar, operator } = this;
    const time = rows.time[i];
    states.set(state, LAST, time);
    if (fresh) states.schedule(state, this.#forgottenAt(time));
    const last = calendar.startOf(time);
    const lastTrue = states.get(state, TRUE_START);
    let start = calendar.firstOpen(time);
    const since = this.hot.since(state, key, time, start);
    if (operator.every && lastTrue === last) this.#goOn(key, last, rowDecides(rows, i), out);
    if (lastTrue >= start) start = calendar.next(lastTrue);
    const saysAll = this.#canGoOn && wholeKey(this.parts, key);
    for (; start <= last && start <= since; start = calendar.next(start)) {
      // The run goes on, and nobody is shown by which rows.
      if (saysAll && states.get(state, TRUE_START) === calendar.previous(start)) {
        states.set(state, TRUE_START, start);
        continue;
      }
      collect(this.parts, this.local, key, start, operator.enough);
      if (window.count < operator.bounds.least_rows) return;
      const emission = this.judge(key, start, rowDecides(rows, i));
      if (emission === null) return;
      this.setTrue(state, start, emission, out);
    }
  }

  /** A rule with a life is told of every further event of a TUMBLING window that is decided. */
  #goOn(key: number, start: number, decider: Decider, out: Emission[]): void {
    collect(this.parts, this.local, key, start, Number.POSITIVE_INFINITY);
    const emission = this.judge(key, start, decider);
    if (emission !== null) out.push({ ...emission, continues: true });
  }

  due(state: number, due: number): number {
    const at = this.#forgottenAt(this.parts.states.get(state, LAST));
    return at > due ? at : FORGET;
  }

  /** No window with the last row is open any more, nor one that would go on with a run. */
  #forgottenAt(last: number): number {
    return this.calendar.endOf(this.calendar.next(this.calendar.startOf(last)));
  }

  endsAt(_first: number, last: number): number {
    return this.#forgottenAt(last);
  }

  wake(state: number, _first: number, last: number, rows: number): void {
    const { states } = this.parts;
    states.set(state, LAST, last);
    this.hot.wake(state, rows);
    states.schedule(state, this.#forgottenAt(last));
  }

  keepFrom(_state: number, time: number): number {
    return this.calendar.firstOpen(time);
  }
}

/** Decided at the window's end. FIRST is the start of the window that is judged next, when it is due: at its end. */
export class LateAligned extends AlignedWindow implements TimedWindow {
  take(state: number, fresh: boolean, rows: StreamRows, i: number): void {
    const { states } = this.parts;
    const time = rows.time[i];
    states.set(state, LAST, time);
    if (!fresh) return;
    const start = this.calendar.firstOpen(time);
    states.set(state, FIRST, start);
    states.schedule(state, this.calendar.endOf(start));
  }

  due(state: number, end: number, key: number, reached: number, out: Emission[]): number {
    const { states, window } = this.parts;
    const start = states.get(state, FIRST);
    const last = states.get(state, LAST);
    startWalk(this.parts, key);
    collect(this.parts, this.local, key, start, Number.POSITIVE_INFINITY);
    const isEmpty = window.count === 0;
    const isEnough = window.count >= this.operator.bounds.least_rows;
    if (isEmpty ? this.#isJudgedEmpty(key, last, start, end, reached) : isEnough) {
      const emission = this.judge(key, start, endDecides(end));
      if (emission !== null) {
        this.setTrue(state, start, isEmpty ? this.#ofSilence(emission, key, last) : emission, out);
      }
    }
    const next = this.calendar.next(start);
    const next_end = this.calendar.endOf(next);
    const goesOn = last >= next || states.get(state, TRUE_START) === start;
    if (!goesOn && !this.#isSeen(last, next, next_end, reached)) return FORGET;
    states.set(state, FIRST, next);
    return next_end;
  }

  /** Whether the window counts although the key has no row in it. */
  #isJudgedEmpty(key: number, last: number, start: number, end: number, reached: number): boolean {
    if (this.expected === null) return this.#isSeen(last, start, end, reached);
    const { judgement } = this.parts;
    return this.expected.isExpected(judgement.tenantOf(key), judgement.keyValues(key), start, end, reached);
  }

  /** WITH EMPTY FOR: the key's last event lies at most so far before the empty window is decided, and that is known. */
  #isSeen(last: number, start: number, end: number, reached: number): boolean {
    return end - 1 - last <= this.empty_ms && start <= reached;
  }

  /** A window without rows rests on the key's last event, since which it was silent. */
  #ofSilence(emission: Emission, key: number, last: number): Emission {
    const { window, table } = this.parts;
    if (this.expected !== null) {
      const start = emission.window?.start ?? last;
      return { ...emission, first_event_at: start, last_event_at: start };
    }
    collect(this.parts, this.local, key, last, 1);
    const event_id = window.count > 0 ? table.idOf(window.rows[0]) : emission.event_id;
    return { ...emission, first_event_at: last, last_event_at: last, event_id };
  }

  endsAt(_first: number, last: number): number {
    return this.calendar.endOf(this.calendar.startOf(last));
  }

  wake(state: number, _first: number, last: number, _rows: number, time: number): void {
    const { states } = this.parts;
    const start = this.calendar.firstOpen(time);
    states.set(state, LAST, last);
    states.set(state, FIRST, start);
    states.schedule(state, this.calendar.endOf(start));
  }

  keepFrom(state: number): number {
    const { states } = this.parts;
    const start = states.get(state, FIRST);
    return this.empty_ms >= 0 ? Math.min(start, states.get(state, LAST)) : start;
  }
}
