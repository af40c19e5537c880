import type { DetectionFile } from '../../connectors/index.ts';
import type { Clock, Engine, Program } from '../../engine/index.ts';
import {
  type AggregateSink,
  type DeadLetter,
  type DeadLetterSink,
  type Detection,
  type News,
  type TableRow,
  toRecord,
  toTableRecord,
} from '../../engine/index.ts';
import type { DetectionRecord } from '../api/service.ts';
import type { DetectionFeed } from './detection-feed.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

/** A verdict as the engine gives it; `letter` of a rejected record. */
export type DecidedVerdict = ReturnType<Engine['advance']>['verdicts'][number];

/** A detection, and what is to be told of it. */
interface Found {
  readonly detection: Detection;
  readonly news: News;
}

/** An early record whose rule is gone, as its last record says it. */
const withdrawal = { revision: 2, timing: 'final', status: 'withdrawn' } as const;

const first: News = { kind: 'final', revision: 1, superseded_by: null };

interface Unpublished {
  readonly record: DetectionRecord;
  readonly until_ms: number;
}

export interface DeliveryParts {
  readonly program: Program;
  readonly engine: Engine;
  readonly detections: DetectionFile;
  /** Of the rows of tables; null: the rules have none. */
  readonly aggregates: AggregateSink | null;
  readonly dead_letters: DeadLetterSink;
  readonly feed: DetectionFeed;
  readonly clock: Clock;
}

/** Whether a record is of a rule in MODE shadow: kept, and published to nobody. */
function isShadow({ provenance }: DetectionRecord): boolean {
  return (provenance as { rule_mode?: unknown } | undefined)?.rule_mode === 'shadow';
}

/** What was delivered since the start. */
export interface DeliveryCounters {
  /** Published now: not suppressed, and for the first time (EMIT EARLY: when it left early). */
  published: number;
  /**
   * Published again: a further revision of its life (ESCALATE, UPDATE AT END, CLOSE AFTER); EMIT EARLY: because its final
   * core is another, or because it did not become final.
   */
  revised: number;
  withdrawn: number;
  suppressed: number;
  /** Derived again at the start: the file had them already. */
  repeated: number;
  /** Of rules that changed, about events of an earlier run: not published (live/recovery.ts). */
  history: number;
  /** Rows of tables whose windows ended. */
  table_rows: number;
  /** Of rules in MODE shadow: in the file, marked, and told to nobody. */
  shadow: number;
}

/**
 * Brings what the engine has decided to where it belongs: rejected records to the dead letters, detections to their file
 * and to whoever listens, verdicts to the log (they wait here for its next append). All of it may be derived again after
 * a crash: detections are passed over by id, verdicts and dead letters by log position.
 */
export class Delivery {
  #parts: DeliveryParts;
  #decided: DecidedVerdict[] = [];
  readonly #found: Found[] = [];
  /** Records whose rules are gone. */
  readonly #withdrawn: DetectionRecord[] = [];
  readonly #rows: TableRow[] = [];
  #verdicts: DecidedVerdict[] = [];
  /** While a start replays the log: the verdicts that it has already, and whose dead letters are written. */
  #stored: StoredVerdicts | null = null;
  #publish_from_ms = Number.NEGATIVE_INFINITY;
  /** Told each detection of the past while a start replays the log. */
  #past: (detection: Detection) => void = () => undefined;
  /** Plan hashes of the rules of the run before this start: what they found in the past was published then. */
  #known_rules: ReadonlySet<string> = new Set();
  /**
   * Detections of changed rules that were not published because they are history, by id, and until when each suppresses
   * others (SUPPRESS): nobody got them, so the first one that they suppress brings them along.
   */
  readonly #unpublished = new Map<string, Unpublished>();
  readonly counters: DeliveryCounters = {
    ...{ published: 0, revised: 0, withdrawn: 0, suppressed: 0, repeated: 0, history: 0, table_rows: 0, shadow: 0 },
  };
  /** EMIT EARLY: what left early and W has not passed, by id, as far as this run knows. */
  readonly #early = new Map<string, DetectionRecord>();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Bytes of the detections' file that are on disk. */
  get offset(): number {
    return this.#parts.detections.offset;
  }

  /** The same of the tables' rows; 0 without tables. */
  get aggregates_offset(): number {
    return this.#parts.aggregates?.offset ?? 0;
  }

  /** Verdicts for the log's next append; they are on disk when that is. */
  takeVerdicts(): DecidedVerdict[] {
    const entries = this.#verdicts;
    this.#verdicts = [];
    return entries;
  }

  /** Begins the replay of a start. Detections decided before `publish_from_ms` belong to an earlier run. */
  beginReplay(publish_from_ms: number, stored: StoredVerdicts, past: (detection: Detection) => void): void {
    this.#past = past;
    this.#stored = stored;
    this.#publish_from_ms = publish_from_ms;
  }

  /** For the checkpoint: unpublished detections that may still suppress, as text. */
  unpublished(watermark_ms: number | null): string {
    for (const [id, { until_ms }] of this.#unpublished) {
      if (watermark_ms !== null && until_ms <= watermark_ms) this.#unpublished.delete(id);
    }
    return JSON.stringify([...this.#unpublished.values()]);
  }

  /** What a checkpoint says of the run before: its rules (null: they may all be the same), and what unpublished() gave. */
  remember(plan_hashes: readonly string[] | null, unpublished: string): void {
    this.#known_rules = new Set(plan_hashes ?? this.#parts.program.operators.map((operator) => operator.plan_hash));
    for (const one of JSON.parse(unpublished) as Unpublished[]) this.#unpublished.set(one.record.id, one);
  }

  endReplay(): void {
    // Rules that changed derive other ids: what waits for them would keep every later write on the careful way.
    this.#parts.detections.forgetWritten();
    this.#parts.aggregates?.forgetWritten();
    this.#stored = null;
    this.#publish_from_ms = Number.NEGATIVE_INFINITY;
    this.#past = () => undefined;
  }

  /**
   * Other rules take over, at the log's end and with everything delivered. What of theirs is early and was not told is told
   * now; what was told early of rules that are gone is withdrawn: nobody will confirm it.
   */
  replace(
    next: Pick<DeliveryParts, 'program' | 'engine'>,
    open_early: readonly Detection[],
    openers: readonly Detection[],
  ): void {
    this.#known_rules = new Set(this.#parts.program.operators.map(({ plan_hash }) => plan_hash));
    this.#parts = { ...this.#parts, ...next };
    const now_ms = this.#parts.clock.now_ms();
    this.#publish_from_ms = next.engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
    for (const detection of openers) {
      const record = toRecord(next.program, detection, { mode: 'live', detected_at: now_ms, news: first });
      this.counters.history++;
      this.#keepUnpublished(detection, record as unknown as DetectionRecord);
    }
    this.#publish_from_ms = Number.NEGATIVE_INFINITY;
    const open = new Set(open_early.map(({ id }) => id));
    for (const [id, record] of this.#early) {
      if (!open.has(id))
        this.#withdrawn.push({ ...record, ...withdrawal, detected_at: new Date(now_ms).toISOString() });
    }
    for (const detection of open_early) {
      if (!this.#early.has(detection.id)) this.#found.push({ detection, news: { ...first, kind: 'early' } });
    }
  }

  /** Takes what the engine has decided, and tells by log position what was not accepted. Nothing is written yet. */
  collect(): ReadonlyMap<number, DecidedVerdict> {
    const { verdicts, detections, early, table_rows } = this.#parts.engine.advance();
    const others = new Map<number, DecidedVerdict>();
    for (const verdict of verdicts) {
      this.#decided.push(verdict);
      if (verdict.verdict !== 'accepted') others.set(verdict.position, verdict);
    }
    for (const row of table_rows) this.#rows.push(row);
    const finals = new Map<Detection, News>();
    for (const { detection, ...news } of early) {
      if (news.kind === 'early') this.#found.push({ detection, news });
      else if (news.kind === 'final') finals.set(detection, news);
    }
    for (const detection of detections) {
      if (detection.decided_at < this.#publish_from_ms) this.#past(detection);
      this.#found.push({ detection, news: finals.get(detection) ?? first });
    }
    for (const { detection, ...news } of early) if (news.kind === 'withdrawn') this.#found.push({ detection, news });
    return others;
  }

  /** Writes what was collected. Resolves when dead letters, detections and rows of tables are on disk. */
  async deliver(): Promise<void> {
    this.collect();
    const letters: DeadLetter[] = [];
    const decided = this.#decided;
    this.#decided = [];
    for (const verdict of decided) {
      if (this.#stored !== null && this.#stored.of(verdict.position) !== undefined) continue;
      this.#verdicts.push(verdict);
      if (verdict.letter !== null) letters.push(verdict.letter);
    }
    // Before their verdicts are logged: once the log has these, a replay does not write the letters again.
    if (letters.length > 0) await this.#parts.dead_letters.write(letters);
    const found = this.#found.splice(0);
    if (found.length > 0 || this.#withdrawn.length > 0) await this.#publish(found);
    const rows = this.#rows.splice(0);
    if (rows.length > 0) await this.#writeRows(rows);
  }

  /** Rows of windows that ended before a rebuild's time are an earlier run's, as its detections are. */
  async #writeRows(rows: readonly TableRow[]): Promise<void> {
    const { program, aggregates } = this.#parts;
    const news = rows.filter(({ window }) => window.end - 1 >= this.#publish_from_ms);
    this.counters.table_rows += news.length;
    await aggregates?.write(news.map((row) => toTableRecord(program, row)));
  }

  async #publish(found: readonly Found[]): Promise<void> {
    const { program, feed, clock } = this.#parts;
    const detected_at = clock.now_ms();
    const records: DetectionRecord[] = this.#withdrawn.splice(0);
    for (const { detection, news } of found) {
      // A signal is for rules and risk, which have it from the engine.
      if (program.operators[detection.operator].metadata.mode === 'signal') continue;
      const record = toRecord(program, detection, { mode: 'live', detected_at, news }) as unknown as DetectionRecord;
      if (detection.decided_at < this.#publish_from_ms) {
        if (news.kind !== 'final') continue;
        this.counters.history++;
        this.#keepUnpublished(detection, record);
        continue;
      }
      const opener = this.#unpublished.get(detection.suppressed_by ?? '');
      if (opener !== undefined) {
        this.#unpublished.delete(opener.record.id);
        records.push(opener.record);
      }
      records.push(record);
    }
    const fresh = this.#parts.detections.written_before === 0 ? records : await this.#writeKnown(records);
    if (fresh === records) await this.#parts.detections.write(records);
    for (const record of fresh) {
      this.#count(record);
      if (record.status !== 'suppressed' && !isShadow(record)) feed.publish(record);
    }
  }

  #count(record: DetectionRecord): void {
    const { id, status, timing, revision } = record;
    const wasEarly = timing === 'final' && this.#early.delete(id);
    if (status === 'suppressed') this.counters.suppressed++;
    else if (isShadow(record)) this.counters.shadow++;
    else if (status === 'withdrawn') this.counters.withdrawn++;
    else if (typeof revision === 'number' && revision > 1) this.counters.revised++;
    else if (!wasEarly) this.counters.published++;
    if (timing === 'early') this.#early.set(id, record);
  }

  #keepUnpublished(detection: Detection, record: DetectionRecord): void {
    const { suppress, plan_hash } = this.#parts.program.operators[detection.operator];
    if (suppress === null || detection.suppressed_by !== null || this.#known_rules.has(plan_hash)) return;
    // A further revision neither begins nor prolongs its interval.
    if (detection.revision > 1) return;
    const until_ms = detection.decided_at + suppress.for_ms;
    if (until_ms > this.#publish_from_ms) this.#unpublished.set(detection.id, { record, until_ms });
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
