import { ScratchFile } from '../../connectors/index.ts';
import {
  type DeadLetter,
  type Detection,
  type DoorCounters,
  Engine,
  type EngineStats,
  type LogEntry,
  type Program,
  SortedRun,
  type SourceRecord,
  type Verdict,
} from '../../engine/index.ts';

/** Entries between two looks at what the engine has decided. */
const advance_every = 1024;

export interface BacktestRunOptions {
  readonly since_ms: number | null;
  readonly until_ms: number | null;
  readonly late_include: boolean;
  readonly on_letter: (letter: DeadLetter) => void;
}

/** What a run knows at its end. */
export interface BacktestFacts {
  readonly counters: DoorCounters;
  readonly stats: EngineStats;
  readonly first_event_ms: number | null;
  readonly last_event_ms: number | null;
  /** Accepted events at or after --until, and what that left undecided. */
  readonly after_until: number;
  readonly undecided: number;
  readonly history: ReadonlyMap<string, 'warm' | 'partial'>;
}

/** One way of bringing records to the engine and detections back. */
export interface BacktestRun {
  /** `stored`: the verdict of the log's history, where there is one. Gives what is decided by now, in order. */
  add(record: SourceRecord, stored?: Verdict): readonly Detection[];
  /** The rest: everything closes. */
  finish(): Iterable<readonly Detection[]>;
  facts(): BacktestFacts;
  /** Gives scratch space back. */
  close(): void;
}

/** The source is sorted whole before it is folded: nothing in it is late (S4). It may be larger than memory. */
export class SortedBacktest implements BacktestRun {
  readonly #run: SortedRun;
  readonly #scratch = new ScratchFile();

  constructor(program: Program, options: BacktestRunOptions) {
    this.#run = new SortedRun(program, {
      scratch: this.#scratch,
      on_letter: options.on_letter,
      ...(options.since_ms === null ? {} : { since_ms: options.since_ms }),
      ...(options.until_ms === null ? {} : { until_ms: options.until_ms }),
      ...(options.late_include ? { late: 'include' as const } : {}),
    });
  }

  add(record: SourceRecord, stored?: Verdict): readonly Detection[] {
    this.#run.add(record, stored);
    return [];
  }

  finish(): Iterable<readonly Detection[]> {
    return this.#run.finish();
  }

  facts(): BacktestFacts {
    const stats = this.#run.stats();
    const { first_event_ms, last_event_ms, after_until, undecided, coverage } = stats;
    const history = new Map(coverage.map(({ rule, coverage }) => [rule, coverage]));
    return { counters: this.#run.counters, stats, first_event_ms, last_event_ms, after_until, undecided, history };
  }

  close(): void {
    this.#scratch.close();
  }
}

/** Records, or a whole log with its ticks, through the live door in the order in which they came. */
export class ArrivalBacktest implements BacktestRun {
  readonly #engine: Engine;
  readonly #options: BacktestRunOptions;
  #position = 0;

  constructor(program: Program, options: BacktestRunOptions) {
    this.#engine = new Engine(program);
    this.#options = options;
  }

  add(record: SourceRecord): readonly Detection[] {
    return this.apply(this.#position, { kind: 'record', record });
  }

  /** An entry of a log, at its position there. */
  apply(position: number, entry: LogEntry): readonly Detection[] {
    this.#engine.apply(position, entry);
    this.#position = position + 1;
    return this.#position % advance_every === 0 ? this.#advance() : [];
  }

  finish(): Iterable<readonly Detection[]> {
    this.#engine.apply(this.#position, { kind: 'end' });
    return [this.#advance()];
  }

  #advance(): readonly Detection[] {
    const { since_ms, until_ms, on_letter } = this.#options;
    const { detections, dead_letters } = this.#engine.advance();
    for (const letter of dead_letters) on_letter(letter);
    if (since_ms === null && until_ms === null) return detections;
    const from_ms = since_ms ?? Number.NEGATIVE_INFINITY;
    const to_ms = until_ms ?? Number.POSITIVE_INFINITY;
    return detections.filter(({ decided_at }) => decided_at >= from_ms && decided_at < to_ms);
  }

  facts(): BacktestFacts {
    const stats = this.#engine.stats();
    // How far the history reaches back is not known here: with --since nothing is promised.
    const reach = this.#options.since_ms === null ? 'warm' : 'partial';
    const history = new Map(stats.operators.map(({ name }) => [name, reach] as const));
    const unknown = { first_event_ms: null, last_event_ms: null, after_until: 0, undecided: 0 };
    return { counters: this.#engine.counters, stats, ...unknown, history };
  }

  close(): void {
    // Nothing is held outside memory.
  }
}
