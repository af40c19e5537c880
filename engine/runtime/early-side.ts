import type { Batch } from '../batch.ts';
import type { Detection } from '../detection.ts';
import type { News } from '../detections/record.ts';
import { clearBatch, emptyBatch } from '../door/event-batch.ts';
import { Fold, type FoldOptions } from '../fold/fold.ts';
import { limits } from '../limits.ts';
import type { Program } from '../program.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { batchRowsOf } from './batch-rows.ts';
import { EarlyPending } from './early-pending.ts';
import { type EarlyProgram, earlyProgramOf } from './early-program.ts';
import { Settled } from './settled.ts';

/** An id of 32 digits in a map, at most (V8). */
const ID_BYTES = 150;

/**
 * What EMIT EARLY says of a detection, beside and before the final set (semantics.md S5). Folded by id (the greatest
 * revision stands, `withdrawn` takes away), the notes equal the final detections of their rules.
 */
export interface EarlyNote extends News {
  readonly detection: Detection;
}

export interface EarlyOptions extends FoldOptions {
  /** Detections that are told early at a time, and their bytes; default: those of limits.ts. Cannot show in what they fold to. */
  readonly most?: number;
  readonly most_bytes?: number;
}

/**
 * EMIT EARLY: a second instance of the same plans, over the rows in the order of arrival. Times are clamped so that they
 * never fall; anchors keep the events' own timestamps, so that what is found early has the id that it will have finally.
 * No operator knows of it, and it decides nothing: the final set is the ordered side's alone.
 *
 * Of a detection with a life only the opening leaves early: its further revisions go on from what is final. Their numbers
 * are one higher where the early one was told with another core, so that they do not depend on when W moved.
 */
export class EarlySide {
  /** Rows that arrived and are not folded yet; the door appends to it (with room for one row after take()). */
  readonly batch: Batch;
  readonly #program: Program;
  readonly #fold: Fold;
  readonly #capacity: number;
  readonly #stamp: Float64Array;
  /** By the early program's operator: its index in the whole program. */
  readonly #operators: readonly number[];
  readonly #early = new Set<number>();
  /** By operator of the whole program: how much later than the event that names it EXISTS may decide a row. */
  readonly #waits_ms: readonly number[];
  readonly #pending: EarlyPending;
  /** Windows that are final, until they end: no early word on them any more. */
  readonly #settled: Settled;
  /** Ids of open detections that were told early with another core: their revisions are one more than in the final set. */
  readonly #revised = new Set<string>();
  #clamp_ms = Number.NEGATIVE_INFINITY;
  #notes: EarlyNote[] = [];
  /** Detections that were not told early, for there may be one that found no room among the settled ones. */
  #unsettled = 0;

  private constructor(
    program: Program,
    { program: own, operators }: EarlyProgram,
    symbols: Symbols,
    { most = limits.early_detections, most_bytes = limits.early_bytes, ...options }: EarlyOptions,
  ) {
    this.#pending = new EarlyPending({ most, most_bytes });
    this.#settled = new Settled(most);
    this.#program = program;
    this.#operators = operators;
    this.#waits_ms = program.operators.map(({ input }) => waitsOf(program, input));
    for (const index of operators) if (program.operators[index].emits_early === true) this.#early.add(index);
    this.#fold = new Fold(own, symbols, { ...options, counts_failures: false });
    this.#capacity = batchRowsOf(own);
    this.#stamp = new Float64Array(this.#capacity);
    this.batch = { ...emptyBatch(program, this.#capacity), stamp: this.#stamp };
  }

  /** null where no rule of the program says EMIT EARLY. */
  static of(program: Program, symbols: Symbols, options: EarlyOptions): EarlySide | null {
    const early = earlyProgramOf(program);
    return early === null ? null : new EarlySide(program, early, symbols, options);
  }

  /** The door has appended an accepted row. */
  take(): void {
    const { batch } = this;
    const row = batch.count - 1;
    this.#stamp[row] = batch.time[row];
    this.#clamp_ms = Math.max(this.#clamp_ms, batch.time[row]);
    batch.time[row] = this.#clamp_ms;
    if (batch.count === this.#capacity) this.#flush();
  }

  /** Before rows of a lookup change: what has arrived is judged by those that were there. */
  beforeLookup(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.batch.count === 0) return;
    for (const found of this.#fold.push(this.batch, this.#clamp_ms)) {
      const detection = { ...found, operator: this.#operators[found.operator] };
      // A suppressed one is no news; whether it is suppressed finally is the final side's to say.
      if (!this.#early.has(detection.operator) || detection.suppressed_by !== null || detection.revision > 1) continue;
      if (this.#pending.has(detection.id) || this.#isSettled(detection)) continue;
      if (!this.#pending.add(detection)) continue;
      this.#notes.push({ kind: 'early', detection, revision: 1, superseded_by: null });
    }
    clearBatch(this.batch);
  }

  /**
   * The ordered side has come to `reached_ms` (everything before it is decided) and found `finals` since the last call.
   * Gives all notes since then: early ones first, as they came; then final ones in their order; then what is withdrawn.
   * `isOpen`: whether a detection of the final set may still have a further revision.
   */
  settle(finals: readonly Detection[], reached_ms: number, isOpen: (id: string) => boolean): readonly EarlyNote[] {
    this.#flush();
    const notes = this.#notes;
    this.#notes = [];
    const own = finals.filter(({ operator }) => this.#early.has(operator));
    for (const detection of own) {
      if (detection.revision === 1 && this.#pending.settle(detection) === false) this.#revised.add(detection.id);
      const revision = detection.revision + (this.#revised.has(detection.id) ? 1 : 0);
      notes.push({ kind: 'final', detection, revision, superseded_by: null });
      if (detection.revision > 1 || this.#isEvent(detection)) continue;
      // The early side holds a left row of EXISTS for as long, from the time that it was clamped to.
      const clamped_ms =
        this.#waits_ms[detection.operator] > 0 ? this.#clamp_ms + this.#waits_ms[detection.operator] : 0;
      this.#settled.add(detection.id, Math.max(this.#openUntil(detection), clamped_ms));
    }
    for (const id of this.#revised) if (!isOpen(id)) this.#revised.delete(id);
    this.#settled.forget(reached_ms);
    for (const detection of this.#pending.takeWhere((one) => this.#openUntil(one) < reached_ms)) {
      const instead = own.find((final) => placeText(final) === placeText(detection));
      notes.push({ kind: 'withdrawn', detection, revision: 2, superseded_by: instead?.id ?? null });
    }
    return notes;
  }

  /** Whether it is final already, or may be: its window ends no later than one that found no room. */
  #isSettled(detection: Detection): boolean {
    if (this.#settled.has(detection.id)) return true;
    if (this.#isEvent(detection) || !this.#settled.mayMiss(this.#openUntil(detection))) return false;
    this.#unsettled++;
    return true;
  }

  /** Whether one event names and decides it: a session, and a row of EXISTS, are named by one and decided by a later one. */
  #isEvent({ operator, anchor }: Detection): boolean {
    const isSession = this.#program.operators[operator].window?.kind === 'session';
    return 'timestamp' in anchor && !isSession && this.#waits_ms[operator] === 0;
  }

  /** Up to when a detection of this id can still become final: its event's place, or the last one of its window. */
  #openUntil({ operator, anchor, window, decided_at }: Detection): number {
    const waits_ms = this.#waits_ms[operator];
    if ('left' in anchor) {
      return Math.max(anchor.left.timestamp, anchor.right?.timestamp ?? anchor.left.timestamp) + waits_ms;
    }
    if (!('timestamp' in anchor)) return (window?.end ?? decided_at + 1) - 1;
    const spec = this.#program.operators[operator].window;
    const most_ms = spec?.kind === 'session' ? (spec.max_ms ?? Number.POSITIVE_INFINITY) - 1 : 0;
    return anchor.timestamp + most_ms + waits_ms;
  }

  markUsed(used: Uint8Array): void {
    this.#fold.markUsed(used);
    const { batch } = this;
    for (let row = 0; row < batch.count; row++) {
      used[batch.tenant[row]] = 1;
      for (const column of batch.columns) if (column instanceof Int32Array) used[column[row]] = 1;
    }
  }

  forget(): void {
    this.#fold.forget();
  }

  get state_bytes(): number {
    const ids = this.#settled.size + this.#revised.size;
    return this.#fold.stats().state_bytes + this.#pending.bytes + ids * ID_BYTES;
  }

  /** Detections that were not told early, as too many are pending or settled: they are told when they are final. */
  get dropped(): number {
    return this.#pending.dropped + this.#unsettled;
  }

  /** Those that were not told early because of what the pending ones take. */
  get dropped_bytes(): number {
    return this.#pending.dropped_bytes;
  }

  /** What has arrived is folded first, so that no row is left over. */
  snapshot(): Snapshot {
    this.#flush();
    return {
      fold: this.#fold.snapshot(),
      clamp: Float64Array.of(this.#clamp_ms),
      pending: JSON.stringify(this.#pending.detections),
      notes: JSON.stringify(this.#notes),
      settled: this.#settled.snapshot(),
      revised: JSON.stringify([...this.#revised]),
      dropped: Float64Array.of(this.#pending.dropped, this.#pending.dropped_bytes, this.#unsettled),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { [part: string]: string } & {
      fold: Snapshot;
      settled: Snapshot;
      clamp: Float64Array;
      dropped: Float64Array;
    };
    this.#fold.restore(from.fold);
    this.#clamp_ms = from.clamp[0];
    [this.#pending.dropped, this.#pending.dropped_bytes, this.#unsettled] = from.dropped;
    this.#notes = JSON.parse(from.notes);
    this.#settled.restore(from.settled);
    for (const id of JSON.parse(from.revised) as string[]) this.#revised.add(id);
    this.#pending.restore(JSON.parse(from.pending) as Detection[]);
  }
}

function waitsOf(program: Program, stream: number): number {
  const { join } = program.streams[stream];
  if (join?.as_of) return waitsOf(program, join.left.stream);
  if (join !== undefined) {
    const below = Math.max(waitsOf(program, join.left.stream), waitsOf(program, join.right.stream));
    return below + (join.kind === 'semi' ? join.after_ms : 0);
  }
  const view = program.operators.find(({ output_stream }) => output_stream === stream);
  return view === undefined ? 0 : waitsOf(program, view.input);
}

function placeText({ operator, tenant, key }: Detection): string {
  return JSON.stringify([operator, tenant, key]);
}
