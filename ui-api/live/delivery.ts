import type { DetectionFile } from '../../connectors/index.ts';
import type { Clock, Engine, Program } from '../../engine/index.ts';
import { type DeadLetter, type DeadLetterSink, type Detection, type LogEntry, toRecord } from '../../engine/index.ts';
import type { DetectionRecord } from '../api/service.ts';
import type { DetectionFeed } from './detection-feed.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

type VerdictEntry = Extract<LogEntry, { kind: 'verdict' }>;

/** A verdict as the engine gives it; `letter` of a rejected record. */
export type DecidedVerdict = ReturnType<Engine['advance']>['verdicts'][number];

export interface DeliveryParts {
  readonly program: Program;
  readonly engine: Engine;
  readonly detections: DetectionFile;
  readonly dead_letters: DeadLetterSink;
  readonly feed: DetectionFeed;
  readonly clock: Clock;
}

/** What was delivered since the start. */
export interface DeliveryCounters {
  /** Published now: not suppressed, and for the first time. */
  published: number;
  suppressed: number;
  /** Derived again at the start: the file had them already. */
  repeated: number;
  /** Of rules that changed, about events of an earlier run: not published (live/recovery.ts). */
  history: number;
}

/**
 * Brings what the engine has decided to where it belongs: rejected records to the dead letters, detections to their file
 * and to whoever listens, verdicts to the log (they wait here for its next append). All of it may be derived again after
 * a crash: detections are passed over by id, verdicts and dead letters by log position.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #decided: DecidedVerdict[] = [];
  readonly #detections: Detection[] = [];
  readonly #verdicts = new Map<number, VerdictEntry>();
  /** While a start replays the log: the verdicts that it has already, and whose dead letters are written. */
  #stored: StoredVerdicts | null = null;
  #publish_from_ms = Number.NEGATIVE_INFINITY;
  readonly counters: DeliveryCounters = { published: 0, suppressed: 0, repeated: 0, history: 0 };

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Bytes of the detections' file that are on disk. */
  get offset(): number {
    return this.#parts.detections.offset;
  }

  /** Verdicts for the log's next append; they are on disk when that is. */
  takeVerdicts(): VerdictEntry[] {
    const entries = [...this.#verdicts.values()];
    this.#verdicts.clear();
    return entries;
  }

  /** Begins the replay of a start. Detections decided before `publish_from_ms` belong to an earlier run. */
  beginReplay(publish_from_ms: number, stored: StoredVerdicts): void {
    this.#stored = stored;
    this.#publish_from_ms = publish_from_ms;
  }

  endReplay(): void {
    // Rules that changed derive other ids: what waits for them would keep every later write on the careful way.
    this.#parts.detections.forgetWritten();
    this.#stored = null;
    this.#publish_from_ms = Number.NEGATIVE_INFINITY;
  }

  /** Takes what the engine has decided, and tells the verdicts by log position. Nothing is written yet. */
  collect(): ReadonlyMap<number, DecidedVerdict> {
    const { verdicts, detections } = this.#parts.engine.advance();
    for (const verdict of verdicts) this.#decided.push(verdict);
    for (const detection of detections) this.#detections.push(detection);
    return new Map(verdicts.map((verdict) => [verdict.position, verdict]));
  }

  /** Writes what was collected. Resolves when dead letters and detections are on disk. */
  async deliver(): Promise<void> {
    this.collect();
    const letters: DeadLetter[] = [];
    for (const { position, verdict, detail, letter } of this.#decided.splice(0)) {
      if (this.#stored?.of(position) !== undefined) continue;
      this.#verdicts.set(position, { kind: 'verdict', position, verdict, detail });
      if (letter !== null) letters.push(letter);
    }
    // Before their verdicts are logged: once the log has these, a replay does not write the letters again.
    if (letters.length > 0) await this.#parts.dead_letters.write(letters);
    const detections = this.#detections.splice(0);
    if (detections.length > 0) await this.#publish(detections);
  }

  async #publish(detections: readonly Detection[]): Promise<void> {
    const { program, feed, clock } = this.#parts;
    const detected_at = clock.now_ms();
    const records: DetectionRecord[] = [];
    for (const detection of detections) {
      if (detection.decided_at < this.#publish_from_ms) this.counters.history++;
      else records.push(toRecord(program, detection, { mode: 'live', detected_at }) as unknown as DetectionRecord);
    }
    const fresh = this.#parts.detections.written_before === 0 ? records : await this.#writeKnown(records);
    if (fresh === records) await this.#parts.detections.write(records);
    for (const record of fresh) {
      if (record.status === 'suppressed') {
        this.counters.suppressed++;
      } else {
        this.counters.published++;
        feed.publish(record);
      }
    }
  }

  /** While some of the file's records wait to be derived again: one by one, to know which are new. */
  async #writeKnown(records: readonly DetectionRecord[]): Promise<DetectionRecord[]> {
    const { detections } = this.#parts;
    const fresh: DetectionRecord[] = [];
    for (const record of records) {
      const before = detections.written_before;
      const written = detections.write([record]);
      if (detections.written_before < before) this.counters.repeated++;
      else fresh.push(record);
      await written;
    }
    return fresh;
  }
}
