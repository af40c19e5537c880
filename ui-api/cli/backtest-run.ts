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
} from '../../engine/index.ts';

/** Entries between two looks at what the engine has decided. */
const advance_every = 1024;

/** One way of bringing records to the engine and detections back, a chunk at a time. */
export interface BacktestRun {
  /** Detections that are decided by what was added so far, in order. */
  add(record: SourceRecord): readonly Detection[];
  /** The rest: everything closes. */
  finish(): Iterable<readonly Detection[]>;
  readonly counters: DoorCounters;
  /** Times of the first and the last accepted event. */
  readonly first_event_ms: number | null;
  readonly last_event_ms: number | null;
  stats(): EngineStats;
}

/** The file is sorted whole before it is folded: nothing in it is late (S4). */
export class SortedBacktest implements BacktestRun {
  readonly #run: SortedRun;

  constructor(program: Program, on_letter: (letter: DeadLetter) => void) {
    this.#run = new SortedRun(program, { on_letter });
  }

  add(record: SourceRecord): readonly Detection[] {
    this.#run.add(record);
    return [];
  }

  finish(): Iterable<readonly Detection[]> {
    return this.#run.finish();
  }

  get counters(): DoorCounters {
    return this.#run.counters;
  }

  stats(): EngineStats {
    return this.#run.stats();
  }
}

/** Records, or a whole log with its ticks, through the live door in the order in which they came. */
export class ArrivalBacktest implements BacktestRun {
  readonly #engine: Engine;
  readonly #on_letter: (letter: DeadLetter) => void;
  #position = 0;

  constructor(program: Program, on_letter: (letter: DeadLetter) => void) {
    this.#engine = new Engine(program);
    this.#on_letter = on_letter;
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
    const { detections, dead_letters } = this.#engine.advance();
    for (const letter of dead_letters) this.#on_letter(letter);
    return detections;
  }

  get counters(): DoorCounters {
    return this.#engine.counters;
  }

  stats(): EngineStats {
    return this.#engine.stats();
  }
}
