import type { Batch } from '../batch.ts';
import { Dictionary } from '../decode/dictionary.ts';
import { FailedCasts } from '../decode/failed-casts.ts';
import { ScanningDecoder } from '../decode/scanning-decoder.ts';
import type { Detection, TableRow } from '../detection.ts';
import { BoundedDoor } from '../door/bounded-door.ts';
import { clearBatch, emptyBatch } from '../door/event-batch.ts';
import { COUNTED } from '../door/event-rows.ts';
import { Fold, type FoldOptions } from '../fold/fold.ts';
import type { FoldStats, OperatorStats } from '../fold/stats.ts';
import { limits } from '../limits.ts';
import type { LookupActivation } from '../lookups/lookups.ts';
import type { DeadLetter, ScratchStore, SourceRecord } from '../ports.ts';
import type { Program } from '../program.ts';
import { Guard } from '../route/guard.ts';
import type { DoorCounters, Verdict } from '../verdict.ts';
import { batchRowsOf } from './batch-rows.ts';
import { ColumnRows } from './column-rows.ts';
import { columnSources } from './column-sources.ts';
import { DictionarySweeper } from './dictionary-sweeper.ts';
import { RowSelection } from './row-selection.ts';
import { Coverage, type RuleCoverage } from './rule-coverage.ts';
import { FULL, SortedMerge } from './sorted-merge.ts';
import { SortedSource } from './sorted-source.ts';
import { type EngineStats, engineStats } from './stats.ts';
import type { ColumnSegment } from './stored-events.ts';

export interface SortedRunOptions {
  /** Cannot show in any result, like batch_rows. */
  readonly shards?: number;
  readonly batch_rows?: number;
  readonly piece_rows?: number | undefined;
  /** Detections decided before this are warm-up and not given; rows of rules are counted from here on. */
  readonly since_ms?: number;
  /**
   * Of a part of a history: everything accepted from this time on is given, and there is more before it, of which columns
   * are not read. What is warm is measured from here.
   */
  readonly complete_from_ms?: number;
  /** Events from this time on are judged by the door and not folded; the run ends with W = until. */
  readonly until_ms?: number;
  /** Of a history: every record before this time comes with its stored verdict. Cannot show in any result. */
  readonly judged_to_ms?: number;
  /** Stored late events are judged as if they had been in time. */
  readonly late?: 'include';
  /** Where sorted parts go when the events do not fit in memory. Without it everything stays in memory. */
  readonly scratch?: ScratchStore;
  /** Events kept in memory before a part is spilled; limits.sorted_rows by default. */
  readonly memory_rows?: number;
  /** The same of their records' bytes; limits.sorted_bytes by default. */
  readonly memory_bytes?: number;
  /** See FoldOptions: the program is a part of another one (program-parts.ts). */
  readonly part?: FoldOptions['part'];
  /** Every verdict on a record that was added, by its number among all records, from 0. */
  readonly on_verdict?: (record: number, verdict: Verdict, detail: string) => void;
  /** Told while events are folded how far that is, in event time: it rises from `first_ms` to `last_ms`. */
  readonly on_reached?: (reached_ms: number, span: { readonly first_ms: number; readonly last_ms: number }) => void;
  /** Every record rejected now (not those of stored history, whose letters were written then). */
  readonly on_letter?: (letter: DeadLetter) => void;
  /** Every row of a table whose window ended in the run (end - 1 is its time), in the total order of the ends. */
  readonly on_table_row?: (row: TableRow) => void;
}

export interface SortedRunStats extends EngineStats {
  /** Detections that were warm-up: decided before `since`. */
  readonly warm_up_detections: number;
  /** Accepted events at or after `until`. */
  readonly after_until: number;
  /** What `until` left undecided: detections that closing every window now would give. 0 without `until`. */
  readonly undecided: number;
  /** Events that went through the scratch space. */
  readonly spilled_events: number;
  /** The earliest and the latest accepted event; null when there is none. */
  readonly first_event_ms: number | null;
  readonly last_event_ms: number | null;
  /** Per rule: whether the history before `since` holds all that the rule remembers there. */
  readonly coverage: readonly RuleCoverage[];
}

/**
 * A backtest over a bounded source: everything is read (add), then sorted whole, judged, folded and closed (finish).
 * Nothing is late. From the door on it is what the live engine is, and gives the same detections.
 */
export class SortedRun {
  readonly #program: Program;
  readonly #options: SortedRunOptions;
  readonly #dictionary = new Dictionary();
  /** Of accepted events that are folded, from `since` on. */
  readonly #failed_casts: FailedCasts;
  readonly #door: BoundedDoor;
  readonly #source: SortedSource;
  readonly #columns: ColumnRows[] = [];
  /** Of columns; made with the first of them. */
  #selection: RowSelection | null | undefined;
  readonly #fold: Fold;
  readonly #sweeper: DictionarySweeper;
  readonly #coverage: Coverage;
  #finished = false;
  #warm_up_detections = 0;
  /** Of the rules when `since` was reached. */
  #warmUpStats: FoldStats['operators'] = [];
  /** Set when all rows before it are folded, and until #warmUpStats are taken. */
  #warmUpTo_ms: number | null = null;
  #after_until = 0;
  #undecided = 0;
  /** Until the run is over: what is closed only to be counted gives no row. */
  #givesRows = true;
  #first_event_ms: number | null = null;
  #last_event_ms: number | null = null;
  /** Of the end of the run, before `undecided` was counted. */
  #foldStats: FoldStats | null = null;

  constructor(program: Program, options: SortedRunOptions = {}) {
    this.#program = program;
    this.#options = options;
    const guard = Guard.of(program, this.#dictionary);
    const decoder = new ScanningDecoder(program.schema, program.streams[0].columns, this.#dictionary, guard);
    this.#failed_casts = new FailedCasts(program.streams[0].columns);
    const { on_verdict = () => undefined, on_letter = () => undefined } = options;
    const listener = { on_verdict, on_letter };
    const history = { include_late: options.late === 'include', judged_to_ms: options.judged_to_ms ?? null };
    this.#door = new BoundedDoor(program, decoder, this.#dictionary, history, listener);
    const { shards = 1, part } = options;
    const own = part === undefined ? {} : { part };
    this.#fold = new Fold(program, this.#dictionary, {
      shards,
      piece_rows: options.piece_rows,
      ...own,
      ...this.#tableListener(),
    });
    this.#source = new SortedSource(this.#door, decoder, this.#dictionary, {
      scratch: options.scratch ?? null,
      rows: options.memory_rows ?? limits.sorted_rows,
      bytes: options.memory_bytes ?? limits.sorted_bytes,
    });
    this.#coverage = new Coverage(program, options.since_ms ?? null);
    this.#sweeper = new DictionarySweeper(
      this.#dictionary,
      guard === null ? [this.#fold] : [this.#fold, guard],
      (used) => this.#door.rows.markUsed(used),
    );
  }

  /**
   * Reads a record. Records of a partition come in its order; partitions may follow one another.
   * @param stored the verdict that the log's history has for it
   */
  add(record: SourceRecord, stored?: Verdict): void {
    if (this.#finished) throw new Error('a sorted run takes no records after finish(): make a new one');
    this.#source.add(record, stored);
    this.#sweeper.sweepIfGrown();
  }

  /**
   * A stretch of the history as columns, in place of its records and before those that follow. Its accepted events are before
   * `judged_to_ms`, which must be given. Not with `late`, and not where readsColumns() gives null.
   */
  addColumns(segment: ColumnSegment): void {
    const sources = columnSources(this.#program);
    if (sources === null || this.#options.late !== undefined) {
      throw new Error('this run needs what only records have: ask readsColumns() first');
    }
    if (this.#selection === undefined) this.#selection = RowSelection.of(this.#program, sources);
    const target = {
      door: this.#door,
      dictionary: this.#dictionary,
      selection: this.#selection,
      columns: this.#program.streams[0].columns,
      failed_casts: this.#failed_casts,
      counted_from_ms: this.#options.since_ms ?? Number.NEGATIVE_INFINITY,
      from_ms: this.#options.complete_from_ms ?? Number.NEGATIVE_INFINITY,
      until_ms: this.#until_ms,
    };
    const { read } = this.#door.counters;
    this.#door.passOver(segment.counters, segment.partitions, segment.latest_ms);
    this.#columns.push(new ColumnRows(segment, read, sources, target));
    this.#saw(segment.earliest_ms, segment.latest_ms);
  }

  /** An activation of the history (S13), in its place among the records, or for the whole run (-Infinity). */
  activate(activation: LookupActivation): void {
    if (this.#finished) throw new Error('a sorted run takes no lookups after finish(): make a new one');
    this.#fold.lookups.activate(activation);
  }

  /**
   * Sorts and folds what was read; gives final detections in the total order of what decided them, batch by batch. Of a batch
   * that decides nothing it gives none, so that the caller can do something else now and then.
   */
  *finish(): Generator<Detection[]> {
    if (this.#finished) throw new Error('a sorted run is finished once: make a new one');
    this.#finished = true;
    const until_ms = this.#until_ms;
    const batch_rows = this.#options.batch_rows ?? batchRowsOf(this.#program);
    const batch = emptyBatch(this.#program, batch_rows);
    this.#source.sort();
    this.#contestColumns();
    const merge = new SortedMerge(this.#door.rows, this.#source, this.#columns);
    this.#dictionary.onSweep((used) => merge.forget(used));
    const { since_ms } = this.#options;
    if (since_ms !== undefined) {
      const bound_ms = Math.min(since_ms, until_ms);
      yield* this.#foldBefore(bound_ms, merge, batch, batch_rows);
      this.#warmUpTo_ms = bound_ms;
    }
    yield* this.#foldBefore(Number.POSITIVE_INFINITY, merge, batch, batch_rows);
    clearBatch(batch);
    const detections = this.#push(batch, until_ms);
    if (detections.length > 0) yield detections;
    if (until_ms === Number.POSITIVE_INFINITY) return;
    // What closing now would give is not known to be so: it is counted, and the figures stay those of `until`.
    const stats = this.#fold.stats();
    this.#givesRows = false;
    const undecided = this.#fold.push(batch, Number.POSITIVE_INFINITY);
    this.#undecided = undecided.filter(({ revision }) => revision === 1).length;
    this.#foldStats = stats;
  }

  /** What is before this time, and no more windows than end before it. */
  *#foldBefore(bound_ms: number, merge: SortedMerge, batch: Batch, most: number): Generator<Detection[]> {
    for (let more = true; more; ) {
      clearBatch(batch);
      more = this.#fill(merge, batch, most, bound_ms);
      const ended = this.#endWarmUp();
      if (ended.length > 0) yield ended;
      const reached_ms = more ? batch.time[batch.count - 1] : Math.min(bound_ms, this.#knownTo_ms);
      for (const found of this.#fold.pushInPieces(batch, reached_ms)) yield this.#wanted(found);
      this.#sweeper.sweepIfGrown();
      this.#options.on_reached?.(reached_ms, this.#span);
    }
  }

  /** Of what is folded, as far as it is known before. */
  get #span(): { readonly first_ms: number; readonly last_ms: number } {
    const { first_ms, last_ms } = this.#door.span;
    const begin_ms = Math.min(first_ms, this.#first_event_ms ?? first_ms);
    return {
      first_ms: Math.max(begin_ms, this.#options.complete_from_ms ?? begin_ms),
      last_ms: Math.min(this.#until_ms, Math.max(last_ms, this.#last_event_ms ?? last_ms)),
    };
  }

  /**
   * What is decided between the last event before `since` and `since` is warm-up as well, where the run ends with a W or there
   * is an event from then on: that is known only when the rows behind `since` are in the batch, which is folded next.
   */
  #endWarmUp(): Detection[] {
    const to_ms = this.#warmUpTo_ms;
    if (to_ms === null) return [];
    this.#warmUpTo_ms = null;
    const known_ms = Number.isFinite(this.#until_ms) ? this.#until_ms : this.#knownTo_ms;
    const detections = this.#push(emptyBatch(this.#program, 0), Math.min(to_ms, known_ms));
    this.#warmUpStats = this.#fold.stats().operators;
    return detections;
  }

  get #until_ms(): number {
    return this.#options.until_ms ?? Number.POSITIVE_INFINITY;
  }

  /** The last row may be one that nobody reads: what is known reaches as far all the same. */
  get #knownTo_ms(): number {
    return Math.min(this.#until_ms, this.#last_event_ms ?? Number.NEGATIVE_INFINITY);
  }

  #push(batch: Batch, reached_ms: number): Detection[] {
    return this.#wanted(this.#fold.push(batch, reached_ms));
  }

  /** Fills the batch; false when there are no more rows before this time. */
  #fill(merge: SortedMerge, batch: Batch, most: number, bound_ms: number): boolean {
    const { rows } = this.#door;
    const until_ms = this.#until_ms;
    const { since_ms = Number.NEGATIVE_INFINITY } = this.#options;
    while (batch.count < most) {
      const slot = merge.next(batch, most, bound_ms);
      if (slot === -1) return false;
      if (slot === FULL) return true;
      const time_ms = rows.time[slot];
      const isOfColumns = (rows.flags[slot] & COUNTED) !== 0;
      const counts = time_ms < since_ms ? null : this.#failed_casts;
      if (!this.#door.judge(slot, batch, until_ms, counts) || isOfColumns) continue;
      this.#saw(time_ms, time_ms);
      if (time_ms >= until_ms) this.#after_until++;
    }
    return true;
  }

  /** There are accepted events from the first of these times to the second; +Infinity and -Infinity: there are none. */
  #saw(earliest_ms: number, latest_ms: number): void {
    if (earliest_ms > latest_ms) return;
    this.#first_event_ms = Math.min(this.#first_event_ms ?? earliest_ms, earliest_ms);
    this.#last_event_ms = Math.max(this.#last_event_ms ?? latest_ms, latest_ms);
  }

  /**
   * Of events with one id, whether a later one is a duplicate depends on the one before it, and that one's on the one before:
   * where columns have such an id, it is looked for in the horizon before as well.
   */
  #contestColumns(): void {
    let to_ms = Number.POSITIVE_INFINITY;
    for (let from_ms = this.#door.contested_from_ms; from_ms < to_ms; ) {
      let first_ms = Number.POSITIVE_INFINITY;
      for (const columns of this.#columns) first_ms = Math.min(first_ms, columns.contest(from_ms, to_ms));
      to_ms = from_ms;
      from_ms = Math.min(from_ms, first_ms - this.#program.settings.dedup_horizon_ms);
    }
  }

  #tableListener(): Pick<SortedRunOptions, 'on_table_row'> {
    const { on_table_row, since_ms = Number.NEGATIVE_INFINITY } = this.#options;
    if (on_table_row === undefined) return {};
    return {
      on_table_row: (row) => {
        if (this.#givesRows && row.window.end - 1 >= since_ms) on_table_row(row);
      },
    };
  }

  #wanted(detections: Detection[]): Detection[] {
    const { since_ms } = this.#options;
    if (since_ms === undefined) return detections;
    const wanted = detections.filter((detection) => detection.decided_at >= since_ms);
    for (const detection of detections) {
      // Detections are in the order of what decided them, so those before since stand first.
      if (detection.decided_at >= since_ms) break;
      this.#coverage.warmUp(detection, this.#known_from_ms ?? since_ms);
    }
    const early = detections.filter(({ decided_at, revision }) => decided_at < since_ms && revision === 1);
    this.#warm_up_detections += early.length;
    return wanted;
  }

  /** What passed before `since` shows nothing of what was asked for, and how much of it was read depends on the source. */
  #sinceWarmUp(of_rule: OperatorStats, operator: number): OperatorStats {
    const { events = 0, null_key = 0 } = this.#warmUpStats[operator] ?? {};
    return { ...of_rule, events: of_rule.events - events, null_key: of_rule.null_key - null_key };
  }

  /** From here on the history is whole; null: there is none. */
  get #known_from_ms(): number | null {
    return this.#options.complete_from_ms ?? this.#first_event_ms;
  }

  /** accepted + duplicate + late + rejected = read, once finish() has run to its end. */
  get counters(): DoorCounters {
    return { ...this.#door.counters };
  }

  stats(): SortedRunStats {
    const fold = this.#foldStats ?? this.#fold.stats();
    const front = {
      dropped_ids: this.#door.dropped_ids,
      failed_casts: this.#failed_casts,
      dictionary_size: this.#dictionary.size,
      text_bytes: this.#dictionary.allocated_bytes,
      // The decoder went with the last record.
      decoder_bytes: 0,
      lookup_bytes: this.#fold.lookups.allocated_bytes,
      door: this.#door.parts,
      // The final set needs no early side: a backtest knows everything when it begins.
      ...{ early_bytes: 0, dropped_early: 0, dropped_early_bytes: 0 },
    };
    return {
      ...engineStats({ ...fold, operators: fold.operators.map(this.#sinceWarmUp, this) }, front),
      warm_up_detections: this.#warm_up_detections,
      after_until: this.#columns.reduce((sum, one) => sum + one.countFrom(this.#until_ms), this.#after_until),
      undecided: this.#undecided,
      spilled_events: this.#source.spilled_events,
      first_event_ms: this.#first_event_ms,
      last_event_ms: this.#last_event_ms,
      coverage: this.#coverage.ofRules(this.#known_from_ms),
    };
  }
}
