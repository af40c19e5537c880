import { setImmediate } from 'node:timers/promises';
import {
  Coverage,
  type Detection,
  Engine,
  type EventLog,
  type LookupContent,
  limits,
  type Program,
  type WorkerParts,
} from '../../engine/index.ts';
import { applyFirst } from './first-lookups.ts';
import { type NewRule, newRulesOf } from './recovery.ts';
import { type Entries, StoredReplay, StoredVerdicts } from './stored-verdicts.ts';

/** A place of the log between two turns of the loop: what stands before it is applied, and its verdicts are logged. */
export interface LogMark {
  readonly position: number;
  /** W there; null before the first event. */
  readonly watermark_ms: number | null;
}

/** What takes the place of the rules that run. */
export interface NextRules {
  readonly program: Program;
  /** It stands at the log's end, as an engine does that read the log at a start. */
  readonly engine: Engine;
  /** Rows of the lookups as the files have them now. */
  readonly lookups: readonly LookupContent[];
  /** EMIT EARLY: what has left or would have left on arrival, and is not final. */
  readonly open_early: readonly Detection[];
  /** Of rules that did not run before: found in the past, so not published, and may suppress what comes. */
  readonly openers: readonly Detection[];
}

/** Entries between two looks at what was decided; the loop that takes events in has a turn in between. */
const step_entries = 256;

/**
 * An engine of other rules that reads the log from its beginning, as a start with changed rules does (recovery.ts), while
 * the one that runs goes on. What it finds there is history: nothing of it is published.
 */
export class NextEngine {
  readonly #program: Program;
  readonly #engine: Engine;
  /** Plan hashes of the rules that run. */
  readonly #known: ReadonlySet<string>;
  readonly #coverage: Coverage;
  readonly #each_step: () => void;
  readonly #open_early = new Map<string, Detection>();
  readonly #openers = new Map<string, Detection>();
  #position = 0;

  /**
   * @param mark where the log stood when this was begun
   * @param each_step may throw, to end it
   */
  constructor(
    program: Program,
    known: ReadonlySet<string>,
    mark: LogMark,
    each_step: () => void,
    workers: WorkerParts | null = null,
  ) {
    this.#program = program;
    this.#engine = new Engine(program, { workers });
    this.#known = known;
    this.#each_step = each_step;
    this.#coverage = new Coverage(program, mark.watermark_ms ?? Number.NEGATIVE_INFINITY);
  }

  /** Where it stands in the log. */
  get position(): number {
    return this.#position;
  }

  get watermark_ms(): number | null {
    return this.#engine.watermark_ms;
  }

  /** Up to the mark, with the verdicts that stand in the log. */
  async warmUp(log: EventLog, mark: LogMark): Promise<void> {
    const stored = await StoredVerdicts.read(before(log, mark.position));
    const known = { position: mark.position, watermark_ms: mark.watermark_ms ?? Number.NEGATIVE_INFINITY };
    const replay = new StoredReplay(this.#engine, stored, [known]);
    const first = await applyFirst(this.#engine, this.#program, () => before(log, mark.position));
    for await (const { position, entry } of before(log, mark.position)) {
      if (!first.has(position)) replay.apply(position, entry);
      this.#position = position + 1;
      if (this.#position % step_entries === 0) await this.#step(limits.batches_behind);
    }
    replay.end();
    this.#position = mark.position;
    await this.#step();
  }

  /** What was appended since: it is judged here as the running engine judges it. */
  async follow(log: EventLog): Promise<void> {
    for await (const { position, entry } of log.read(this.#position)) {
      if (entry.kind !== 'verdict') this.#engine.apply(position, entry);
      this.#position = position + 1;
      if (this.#position % step_entries === 0) await this.#step(limits.batches_behind);
    }
    await this.#step();
    await this.#engine.refreshed();
  }

  async #step(most_behind = 0): Promise<void> {
    this.#look();
    await this.#engine.settle(() => this.#look(), most_behind);
    await setImmediate();
    this.#each_step();
  }

  #look(): void {
    const { detections, early } = this.#engine.advance();
    for (const { detection, kind } of early) {
      if (kind === 'early') this.#open_early.set(detection.id, detection);
      else this.#open_early.delete(detection.id);
    }
    for (const detection of detections) {
      this.#coverage.warmUp(detection, this.#engine.first_event_ms ?? detection.decided_at);
      if (!this.#known.has(detection.plan_hash)) this.#openers.set(detection.id, detection);
    }
    const watermark_ms = this.#engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
    for (const [id, { operator, decided_at, suppressed_by, revision }] of this.#openers) {
      const { suppress } = this.#program.operators[operator];
      const isOpen = suppress !== null && suppressed_by === null && revision === 1;
      if (!isOpen || decided_at + suppress.for_ms <= watermark_ms) this.#openers.delete(id);
    }
  }

  /** It takes no place. */
  async close(): Promise<void> {
    await this.#engine.close();
  }

  /** Once it stands at the log's end, between two turns of the loop. */
  take(lookups: readonly LookupContent[]): NextRules {
    return {
      ...{ program: this.#program, engine: this.#engine, lookups },
      ...{ open_early: [...this.#open_early.values()], openers: [...this.#openers.values()] },
    };
  }

  /** Of the rules that did not run before, how far back they see (S14). */
  newRules(): NewRule[] {
    return newRulesOf(this.#program, this.#known, this.#coverage, this.#engine.first_event_ms);
  }
}

async function* before(log: EventLog, end: number): Entries {
  for await (const one of log.read(0)) {
    if (one.position >= end) return;
    yield one;
  }
}
