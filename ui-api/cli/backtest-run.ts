import { ScratchFile } from '../../connectors/index.ts';
import {
  type ColumnSegment,
  type DeadLetter,
  type Detection,
  type DoorCounters,
  Engine,
  type EngineStats,
  type LogEntry,
  type LookupActivation,
  limits,
  type Program,
  SortedRun,
  type SortedRunOptions,
  type SourceRecord,
  type TableRow,
  type Verdict,
} from '../../engine/index.ts';
import { ArrivalSpan } from './arrival-span.ts';
import type { SortMemory } from './sort-memory.ts';

/** Entries between two looks at what the engine has decided. */
const advance_every = limits.batch_rows;

export interface BacktestRunOptions {
  readonly since_ms: number | null;
  readonly until_ms: number | null;
  readonly late_include: boolean;
  /** Of a part of a history: see SortedRunOptions. */
  readonly complete_from_ms?: number;
  readonly on_letter: (letter: DeadLetter) => void;
  /** See SortedRunOptions. */
  readonly on_reached?: SortedRunOptions['on_reached'];
  /** Rows of tables whose windows ended in the run; absent: nobody wants them. */
  readonly on_table_row?: (row: TableRow) => void;
  /** See SortedRunOptions. */
  readonly part?: SortedRunOptions['part'];
  /** See SortedRunOptions: it cannot show. Small ones make threads wait for each other again and again. */
  readonly batch_rows?: number;
  /** What is kept before sorted parts go to the disk; absent: as the engine says. */
  readonly memory?: SortMemory;
}

/** What a run knows at its end. */
export interface BacktestFacts {
  readonly counters: DoorCounters;
  readonly stats: EngineStats;
  readonly first_event_ms: number | null;
  readonly last_event_ms: number | null;
  /** Accepted events at or after --until; 0 where a log is not decided so far. */
  readonly after_until: number;
  /** Accepted events of a log that its W has not passed: no rule has judged them; 0 where --until lies before. */
  readonly after_watermark: number;
  /** What --until, or a log that goes on, left undecided; null where it cannot be said. */
  readonly undecided: number | null;
  /** W of a log that goes on: the run ends there. Null where the source ended, or none of its records moved W. */
  readonly watermark_ms: number | null;
  readonly history: ReadonlyMap<string, 'warm' | 'partial'>;
}

/** One way of bringing records to the engine and detections back. */
export interface BacktestRun {
  /** `stored`: the verdict of the log's history, where there is one. Gives what is decided by now, in order. */
  add(record: SourceRecord, stored?: Verdict): readonly Detection[];
  /** From a stream time on this is a lookup's content (S13). */
  activate(activation: LookupActivation): void;
  /** The rest: everything closes, or everything before the watermark of a log that goes on. */
  finish(): Iterable<readonly Detection[]>;
  facts(): BacktestFacts;
  /** Gives scratch space back. */
  close(): void;
}

/** The source is sorted whole before it is folded: nothing in it is late (S4). It may be larger than memory. */
export class SortedBacktest implements BacktestRun {
  readonly #run: SortedRun;
  readonly #scratch = new ScratchFile();
  readonly #watermark_ms: number;
  readonly #ends_at: 'until' | 'watermark';

  /** @param decided_ms W of a history, before which every record has its verdict; null: a source that ended */
  constructor(program: Program, options: BacktestRunOptions, decided_ms: number | null = null) {
    this.#watermark_ms = decided_ms ?? Number.POSITIVE_INFINITY;
    const until_ms = Math.min(options.until_ms ?? Number.POSITIVE_INFINITY, this.#watermark_ms);
    this.#ends_at = options.until_ms === until_ms ? 'until' : 'watermark';
    this.#run = new SortedRun(program, {
      scratch: this.#scratch,
      on_letter: options.on_letter,
      ...(options.on_table_row === undefined ? {} : { on_table_row: options.on_table_row }),
      ...(options.part === undefined ? {} : { part: options.part }),
      ...(options.batch_rows === undefined ? {} : { batch_rows: options.batch_rows }),
      ...(options.memory === undefined ? {} : { memory_rows: options.memory.rows, memory_bytes: options.memory.bytes }),
      ...(options.on_reached === undefined ? {} : { on_reached: options.on_reached }),
      ...(options.since_ms === null ? {} : { since_ms: options.since_ms }),
      until_ms,
      ...(decided_ms === null ? {} : { judged_to_ms: decided_ms }),
      ...(options.complete_from_ms === undefined ? {} : { complete_from_ms: options.complete_from_ms }),
      ...(options.late_include ? { late: 'include' as const } : {}),
    });
  }

  add(record: SourceRecord, stored?: Verdict): readonly Detection[] {
    this.#run.add(record, stored);
    return [];
  }

  /** See SortedRun. */
  addColumns(segment: ColumnSegment): void {
    this.#run.addColumns(segment);
  }

  activate(activation: LookupActivation): void {
    this.#run.activate(activation);
  }

  finish(): Iterable<readonly Detection[]> {
    return this.#run.finish();
  }

  facts(): BacktestFacts {
    const stats = this.#run.stats();
    const { first_event_ms, last_event_ms, undecided, coverage } = stats;
    const [after_until, after_watermark] = this.#ends_at === 'until' ? [stats.after_until, 0] : [0, stats.after_until];
    // A tuned rule has an entry for each of its operators: it is as warm as the coldest of them.
    const coldFirst = [...coverage].sort((a, b) => a.coverage.localeCompare(b.coverage));
    const history = new Map(coldFirst.reverse().map(({ rule, coverage }) => [rule, coverage]));
    const watermark_ms = finiteOrNull(this.#watermark_ms);
    const reach = { first_event_ms, last_event_ms, after_until, after_watermark, undecided, watermark_ms };
    return { counters: this.#run.counters, stats, ...reach, history };
  }

  close(): void {
    this.#scratch.close();
  }
}

/** Records, or a whole log with its ticks, through the live door in the order in which they came. */
export class ArrivalBacktest implements BacktestRun {
  readonly #engine: Engine;
  readonly #options: BacktestRunOptions;
  readonly #source: 'ends' | 'goes_on';
  readonly #span: ArrivalSpan;
  #position = 0;
  #givesRows = true;
  #watermark_ms: number | null = null;
  #undecided = 0;
  #after_watermark = 0;

  constructor(program: Program, options: BacktestRunOptions, source: 'ends' | 'goes_on') {
    this.#engine = new Engine(program);
    this.#options = options;
    this.#source = source;
    this.#span = new ArrivalSpan(program, options.until_ms);
  }

  add(record: SourceRecord): readonly Detection[] {
    return this.apply(this.#position, { kind: 'record', record });
  }

  /** An entry of a log, at its position there. */
  apply(position: number, entry: LogEntry): readonly Detection[] {
    const answer = this.#engine.apply(position, entry);
    if (entry.kind === 'record') this.#span.came(position, entry.record.bytes, answer);
    this.#position = position + 1;
    return this.#position % advance_every === 0 ? this.#advance() : [];
  }

  activate(activation: LookupActivation): void {
    this.#engine.apply(this.#position, { kind: 'lookup', ...activation });
  }

  finish(): Iterable<readonly Detection[]> {
    const decided = this.#source === 'ends' ? [] : this.#advance();
    this.#givesRows = this.#source === 'ends';
    this.#watermark_ms = this.#source === 'ends' ? null : finiteOrNull(this.#engine.watermark_ms);
    this.#engine.apply(this.#position, { kind: 'end' });
    if (this.#source === 'ends') return [this.#advance()];
    // What closing now would give is not known to be so: it is counted.
    const judged = this.#span.accepted;
    this.#undecided = this.#closing().filter(({ revision }) => revision === 1).length;
    this.#after_watermark = this.#span.accepted - judged;
    return [decided];
  }

  #advance(): readonly Detection[] {
    const { since_ms, until_ms } = this.#options;
    const detections = this.#closing();
    if (since_ms === null && until_ms === null) return detections;
    const from_ms = since_ms ?? Number.NEGATIVE_INFINITY;
    const to_ms = until_ms ?? Number.POSITIVE_INFINITY;
    return detections.filter(({ decided_at }) => decided_at >= from_ms && decided_at < to_ms);
  }

  /** What the engine has decided since, whenever that was. */
  #closing(): readonly Detection[] {
    const { verdicts, detections, dead_letters, table_rows } = this.#engine.advance();
    this.#span.settle(verdicts);
    for (const letter of dead_letters) this.#options.on_letter(letter);
    this.#give(table_rows);
    return detections;
  }

  #give(rows: readonly TableRow[]): void {
    const { since_ms, until_ms, on_table_row } = this.#options;
    if (on_table_row === undefined || !this.#givesRows) return;
    const [from_ms, to_ms] = [since_ms ?? Number.NEGATIVE_INFINITY, until_ms ?? Number.POSITIVE_INFINITY];
    for (const row of rows) if (row.window.end - 1 >= from_ms && row.window.end - 1 < to_ms) on_table_row(row);
  }

  facts(): BacktestFacts {
    const stats = this.#engine.stats();
    // How far the history reaches back is not known here: with --since nothing is promised.
    const reach = this.#options.since_ms === null ? 'warm' : 'partial';
    const history = new Map(stats.operators.map(({ name }) => [name, reach] as const));
    const span = {
      first_event_ms: this.#engine.first_event_ms,
      last_event_ms: this.#span.last_event_ms,
    };
    // Where the engine went on behind --until, it was not asked what closing everything there would have given.
    const { until_ms } = this.#options;
    const went_on = until_ms !== null && until_ms <= (this.#watermark_ms ?? Number.POSITIVE_INFINITY);
    const undecided = went_on ? null : this.#undecided;
    const end = {
      ...(went_on || this.#source === 'ends'
        ? { after_until: this.#span.after_until, after_watermark: 0 }
        : { after_until: 0, after_watermark: this.#after_watermark }),
      ...{ undecided, watermark_ms: this.#watermark_ms },
    };
    return { counters: this.#engine.counters, stats, ...span, ...end, history };
  }

  close(): void {
    // Nothing is held outside memory.
  }
}

function finiteOrNull(time_ms: number | null): number | null {
  return time_ms !== null && Number.isFinite(time_ms) ? time_ms : null;
}
