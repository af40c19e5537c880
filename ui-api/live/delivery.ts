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
import { OpenEarly } from './open-early.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';
import { UnheardOpeners } from './unheard-openers.ts';

/** A verdict as the engine gives it; `letter` of a rejected record. */
export type DecidedVerdict = ReturnType<Engine['advance']>['verdicts'][number];

/** A detection, and what is to be told of it. */
interface Found {
  readonly detection: Detection;
  readonly news: News;
}

const first: News = { kind: 'final', revision: 1, superseded_by: null };

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

/** What a checkpoint says of the run before a start: its rules (null: they may all be the same), and what this gave for it. */
export interface EarlierRun {
  readonly plan_hashes: readonly string[] | null;
  readonly unpublished: string;
  readonly aggregates_offset: number;
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
  /**
   * Found in the past by a start that read the log again, and not published (live/recovery.ts): of rules that the run
   * before had, and (history_new) of new or changed rules, so that nobody got them. The suppressed are not counted.
   */
  history: number;
  history_new: number;
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
  readonly #unheard = new UnheardOpeners();
  readonly #early = new OpenEarly();
  #aggregates_before = 0;
  /**
   * While other rules than before read the log again: what they find early and is not final yet, by id. It is said at the
   * end, when it is known what of it was told before; null: everything early is told as it comes.
   */
  #pending: Map<string, Detection> | null = null;
  readonly counters: DeliveryCounters = {
    ...{ published: 0, revised: 0, withdrawn: 0, suppressed: 0, repeated: 0, history: 0, history_new: 0 },
    ...{ table_rows: 0, shadow: 0 },
  };

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Bytes of the detections' file that are on disk. */
  get offset(): number {
    return this.#parts.detections.offset;
  }

  /** The same of the tables' rows; without tables what it was before, for rules that bring some again. */
  get aggregates_offset(): number {
    return this.#parts.aggregates?.offset ?? this.#aggregates_before;
  }

  /** What the runs before told behind the checkpoint, rows of tables too, was decided before this time; -Infinity: nothing. */
  get told_until_ms(): number {
    const { detections, aggregates } = this.#parts;
    return Math.max(detections.told_until_ms, aggregates?.told_until_ms ?? Number.NEGATIVE_INFINITY);
  }

  /** Verdicts for the log's next append; they are on disk when that is. */
  takeVerdicts(): DecidedVerdict[] {
    const entries = this.#verdicts;
    this.#verdicts = [];
    return entries;
  }

  /** For the checkpoint, as text: unpublished detections that may still suppress, early records that are open. */
  memory(watermark_ms: number | null): { readonly unpublished: string; readonly early: string } {
    return { unpublished: this.#unheard.snapshot(watermark_ms), early: this.#early.snapshot() };
  }

  /** Begins the replay of a start. Detections decided before `publish_from_ms` belong to an earlier run. */
  beginReplay(
    publish_from_ms: number,
    stored: StoredVerdicts,
    earlier: EarlierRun,
    past: (detection: Detection) => void,
  ): void {
    this.#past = past;
    this.#stored = stored;
    this.#publish_from_ms = publish_from_ms;
    const { operators } = this.#parts.program;
    this.#known_rules = new Set(earlier.plan_hashes ?? operators.map(({ plan_hash }) => plan_hash));
    this.#unheard.restore(earlier.unpublished);
    this.#aggregates_before = earlier.aggregates_offset;
    this.#early.restore(this.#parts.detections.told.open_early as ReadonlyMap<string, DetectionRecord>);
    if (publish_from_ms !== Number.NEGATIVE_INFINITY) this.#pending = new Map();
  }

  /** The log was read to its end. What is now to be told is written by the next deliver(). */
  endReplay(): void {
    // Rules that changed derive other ids: what waits for them would keep every later write on the careful way.
    this.#parts.detections.forgetWritten();
    this.#parts.aggregates?.forgetWritten();
    this.#stored = null;
    this.#publish_from_ms = Number.NEGATIVE_INFINITY;
    this.#past = () => undefined;
    const pending = this.#pending;
    this.#pending = null;
    if (pending !== null) this.#compareEarly(pending.values());
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
    const from_ms = next.engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
    for (const detection of openers) {
      const record = toRecord(next.program, detection, { mode: 'live', detected_at: now_ms, news: first });
      this.#countPast(detection);
      this.#keepUnheard(detection, record as unknown as DetectionRecord, from_ms);
    }
    this.#compareEarly(open_early);
  }

  #compareEarly(pending: Iterable<Detection>): void {
    const { untold, gone } = this.#early.compare(pending, new Date(this.#parts.clock.now_ms()).toISOString());
    this.#withdrawn.push(...gone);
    for (const detection of untold) this.#found.push({ detection, news: { ...first, kind: 'early' } });
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
      if (news.kind === 'early') this.#arrived(detection, news);
      else this.#pending?.delete(detection.id);
      if (news.kind === 'final') finals.set(detection, news);
    }
    for (const detection of detections) {
      if (detection.decided_at < this.#publish_from_ms) this.#past(detection);
      this.#found.push({ detection, news: finals.get(detection) ?? first });
    }
    for (const { detection, ...news } of early) {
      if (news.kind === 'withdrawn' && this.#isTold(detection)) this.#found.push({ detection, news });
    }
    return others;
  }

  #arrived(detection: Detection, news: News): void {
    if (this.#pending === null) this.#found.push({ detection, news });
    else this.#pending.set(detection.id, detection);
  }

  /** Whether it may be said that an early detection is none: other rules that read the log again find some that nobody got. */
  #isTold({ id }: Detection): boolean {
    return this.#pending === null || this.#early.has(id);
  }

  /**
   * Writes what was collected. Resolves when dead letters, detections and rows of tables are on disk.
   * @param most_behind so many batches (Engine.behind) may be left for a later call: other threads work on them meanwhile
   */
  async deliver(most_behind = 0): Promise<void> {
    this.collect();
    await this.#write();
    await this.#parts.engine.settle(() => {
      this.collect();
      return this.#write();
    }, most_behind);
  }

  async #write(): Promise<void> {
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
      if (news.kind === 'final' && this.#isHistory(detection)) {
        this.#countPast(detection);
        this.#keepUnheard(detection, record, this.#publish_from_ms);
        continue;
      }
      const opener = this.#unheard.take(detection);
      if (opener !== null) records.push(opener);
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
    const { status, revision } = record;
    const wasEarly = this.#early.told(record);
    if (status === 'suppressed') this.counters.suppressed++;
    else if (isShadow(record)) this.counters.shadow++;
    else if (status === 'withdrawn') this.counters.withdrawn++;
    else if (typeof revision === 'number' && revision > 1) this.counters.revised++;
    else if (!wasEarly) this.counters.published++;
  }

  /**
   * Whether an earlier run was there before: its state had reached this time, or its records had, which it wrote in total
   * order. Of what it wrote a rule that is the same finds each again by id; one that changed would say it a second time.
   */
  #isHistory({ decided_at, plan_hash, anchor_id, revision }: Detection): boolean {
    if (decided_at < this.#publish_from_ms) return true;
    if (this.#pending === null || this.#known_rules.has(plan_hash)) return false;
    const { last_ms, last_anchors } = this.#parts.detections.told;
    return decided_at < last_ms || (decided_at === last_ms && revision === 1 && last_anchors.has(anchor_id));
  }

  #countPast({ plan_hash, suppressed_by, revision }: Detection): void {
    if (suppressed_by !== null || revision > 1) return;
    if (this.#known_rules.has(plan_hash)) this.counters.history++;
    else this.counters.history_new++;
  }

  #keepUnheard(detection: Detection, record: DetectionRecord, from_ms: number): void {
    if (this.#known_rules.has(detection.plan_hash)) return;
    this.#unheard.keep(this.#parts.program, detection, record, from_ms);
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
