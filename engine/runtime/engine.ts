import type { Batch } from '../batch.ts';
import { Dictionary } from '../decode/dictionary.ts';
import { PlainDecoder } from '../decode/plain-decoder.ts';
import { ScanningDecoder } from '../decode/scanning-decoder.ts';
import type { Detection, TableRow } from '../detection.ts';
import { Door, type DoorVerdict } from '../door/door.ts';
import { clearBatch, emptyBatch } from '../door/event-batch.ts';
import { Fold } from '../fold/fold.ts';
import type { StoreLimits } from '../fold/store-limits.ts';
import { limits } from '../limits.ts';
import type { DeadLetter, LogEntry } from '../ports.ts';
import type { Program } from '../program.ts';
import { Guard } from '../route/guard.ts';
import type { Snapshot } from '../snapshot.ts';
import type { DoorCounters, Verdict } from '../verdict.ts';
import { batchRowsOf } from './batch-rows.ts';
import { DictionarySweeper, type SweepSteps } from './dictionary-sweeper.ts';
import { type EarlyNote, EarlySide } from './early-side.ts';
import { FoldWorkers, type WorkerParts } from './fold-workers.ts';
import { batchOfPart } from './own-columns.ts';
import { checkFit, type SavedWorkers } from './snapshot-fit.ts';
import { type EngineStats, engineStats } from './stats.ts';

/**
 * The form of the engine's state: increased with every change of what a part of it saves or of what that means, so that
 * a checkpoint of another version of Weir is never misread. Sizes of records are checked by the records themselves.
 */
const layout = 36;

export interface EngineOptions {
  /** Parts that the key groups are split into. Cannot show in any result; a snapshot is restored with the same number. */
  readonly shards?: number;
  /** Rows folded at once. Cannot show in any result. */
  readonly batch_rows?: number;
  /** Events of a piece of a batch (fold/pieces.ts), in this thread; default: limits.piece_rows. Cannot show in any result. */
  readonly piece_rows?: number | undefined;
  /** 'plain': the decoder that is the specification, which reads all of every event. Cannot show in any result. */
  readonly decoder?: 'scanning' | 'plain';
  /** Bounds of the fold other than those of limits.ts, for tests. */
  readonly limits?: Partial<StoreLimits>;
  /** Detections that are told early at a time; default: limits.early_detections. */
  readonly early_detections?: number;
  /** What they may take; default: limits.early_bytes. */
  readonly early_bytes?: number;
  /** Of restore(): nobody else has the snapshot, and its memory may be written to. Cannot show in any result. */
  readonly owns_snapshot?: boolean;
  /** Sweeps of the dictionary other than the usual ones, for tests. Cannot show in any result. */
  readonly sweep?: Partial<SweepSteps>;
  /** Other threads fold parts of the program. Cannot show in any result; a snapshot is restored with the same parts. */
  readonly workers?: WorkerParts | null;
}

/**
 * What the engine has decided since the last call of advance(). With other threads the detections, table rows and early notes
 * of what is not settled yet come with a later one, in the same order.
 */
export interface EngineOutput {
  readonly verdicts: readonly DoorVerdict[];
  /** Final, suppressed ones too, in the total order of what decided them. */
  readonly detections: readonly Detection[];
  /** Of rules that say EMIT EARLY: what left on arrival, what became of it (S5). Empty without such rules. */
  readonly early: readonly EarlyNote[];
  /** Rows of tables whose windows have ended, in the total order of their ends. */
  readonly table_rows: readonly TableRow[];
  /** Of the rejected records among the verdicts. */
  readonly dead_letters: readonly DeadLetter[];
}

/**
 * The live engine: a state machine over the entries of the log. apply() takes one entry, advance() releases what the
 * watermark allows, folds it and gives everything decided since. The same entries give the same output, however often
 * advance() is called and wherever the engine was stopped, saved and restored. It has no clock: time comes as entries.
 */
export class Engine {
  readonly #program: Program;
  readonly #dictionary: Dictionary;
  readonly #decoder: PlainDecoder | ScanningDecoder;
  readonly #door: Door;
  /** Of all rules, or of the part that this thread has. */
  readonly #fold: Fold;
  /** A batch as the own fold reads it. */
  readonly #ownBatch: (batch: Batch) => Batch;
  readonly #workers: FoldWorkers | null;
  readonly #early: EarlySide | null;
  #first_event_ms: number | null = null;
  readonly #sweeper: DictionarySweeper;
  readonly #batch: Batch;
  readonly #batch_rows: number;
  /** Other threads had enough to do: the last call of advance() left events that the watermark has passed. */
  #hasMore = false;
  /** What the last call of advance() gave is decided before this time. */
  #given_ms = Number.NEGATIVE_INFINITY;
  /** Given to the next call of advance() that returns; never part of a snapshot. */
  #table_rows: TableRow[] = [];

  constructor(
    program: Program,
    options: EngineOptions = {},
    dictionary: Dictionary = new Dictionary(),
    restored: readonly Snapshot[] = [],
  ) {
    this.#program = program;
    this.#dictionary = dictionary;
    const { columns } = program.streams[0];
    const guard = Guard.of(program, dictionary);
    this.#decoder =
      options.decoder === 'plain'
        ? new PlainDecoder(program.schema, columns, dictionary)
        : new ScanningDecoder(program.schema, columns, dictionary, guard);
    this.#door = new Door(program, this.#decoder, dictionary);
    const fold = { shards: options.shards ?? 1, limits: options.limits ?? {}, piece_rows: options.piece_rows };
    const { workers = null } = options;
    const own = workers?.own ?? { program, part: undefined };
    this.#ownBatch = batchOfPart(program, own.program);
    this.#fold = new Fold(own.program, dictionary, {
      ...fold,
      ...(own.part === undefined ? {} : { part: own.part }),
      on_table_row: (row) => this.#table_rows.push(row),
    });
    this.#workers = workers === null ? null : new FoldWorkers(program, dictionary, workers, restored);
    const { early_detections: most = limits.early_detections, early_bytes: most_bytes = limits.early_bytes } = options;
    this.#early = EarlySide.of(program, dictionary, { ...fold, lookups: this.#fold.lookups, most, most_bytes });
    if (this.#early !== null) this.#door.watchArrivals(this.#early);
    this.#batch_rows = options.batch_rows ?? batchRowsOf(program, workers !== null);
    this.#batch = emptyBatch(program, this.#batch_rows);
    const holders = [this.#fold, this.#workers, this.#early, guard].filter((holder) => holder !== null);
    this.#sweeper = new DictionarySweeper(dictionary, holders, (used) => this.#door.markUsed(used), options.sweep);
  }

  /**
   * Takes the entry at a position of the log; positions rise. Gives the door's answer so far on a record ('accepted'
   * may still become 'duplicate' until it is released), null on any other entry. Verdict entries mean something only
   * after holdForStored(), where `stored` is the verdict that the log has, somewhere behind it, on a record.
   */
  apply(position: number, entry: LogEntry, stored?: Verdict): Verdict | null {
    const { watermark } = this.#door;
    if (entry.kind === 'record') return this.#door.judge(position, entry.record, stored);
    if (entry.kind === 'verdict') this.#door.storedVerdict(entry.position);
    if (entry.kind === 'idle') watermark.stepAside(entry.partition);
    else if (entry.kind === 'back') watermark.comeBack(entry.partition);
    else if (entry.kind === 'tick') watermark.tick(entry.now_ms);
    else if (entry.kind === 'end') watermark.end();
    else if (entry.kind === 'lookup') {
      this.#early?.beforeLookup();
      this.#fold.lookups.activate(entry);
      this.#workers?.activate(entry);
    }
    return null;
  }

  /**
   * An empty engine that reads a whole log again, perhaps with other settings than those it was written with: stored
   * verdicts stand (S4), and events are released where the log says that they were, up to endStored().
   */
  holdForStored(): void {
    this.#door.holdForStored();
  }

  /** The log's last stored verdict was applied: from here on records are judged. */
  endStored(): void {
    this.#door.endStored();
  }

  /**
   * After endStored(): when the log ended here, W was at least `watermark_ms`, and it never falls (S3). Entries before
   * this place must have been applied: W may have passed them only since.
   */
  reach(watermark_ms: number): void {
    this.#door.watermark.reach(watermark_ms);
  }

  /** Releases and folds what the watermark allows, and gives everything that was decided since the last call. */
  advance(): EngineOutput {
    let detections: Detection[] = [];
    let more = true;
    while (more && this.#workers?.isFull !== true) {
      clearBatch(this.#batch);
      more = this.#door.release(this.#batch, this.#batch_rows);
      // Rows of the batch's last millisecond may still follow it: only the last batch carries the watermark itself.
      const { count, time } = this.#batch;
      if (count > 0) this.#first_event_ms ??= time[0];
      const reached_ms = more ? time[count - 1] : this.#door.watermark.release_ms;
      // First the others, so that they fold while this thread does.
      this.#workers?.push(this.#batch, reached_ms);
      const own = this.#fold.push(this.#ownBatch(this.#batch), reached_ms);
      if (this.#workers !== null) this.#workers.addOwn(own, reached_ms);
      else for (const detection of own) detections.push(detection);
      this.#sweeper.sweepIfGrown();
    }
    this.#hasMore = more;
    if (this.#workers !== null) detections = this.#workers.take();
    const verdicts = this.#door.takeVerdicts();
    this.#given_ms = this.#decided_ms;
    const early = this.#early?.settle(detections, this.#given_ms, (id) => this.#isOpen(id)) ?? [];
    const table_rows = this.#takeTableRows();
    return { verdicts, detections, early, table_rows, dead_letters: lettersOf(verdicts) };
  }

  /** Everything before it is decided, by all threads. */
  get #decided_ms(): number {
    return this.#workers?.reached_ms ?? this.#door.watermark.release_ms;
  }

  /** Whether a detection of the own part may still be given with a further revision. */
  #isOpen(id: string): boolean {
    return this.#fold.isOpen(id) || this.#workers?.ownWaits(id) === true;
  }

  #takeTableRows(): TableRow[] {
    const own = this.#table_rows;
    this.#table_rows = [];
    return this.#workers?.takeTableRows(own) ?? own;
  }

  /**
   * Batches that advance() has released and that other threads have not decided yet; +Infinity where one could not go on, or
   * where advance() has left some for them, and is called again before the next apply(). settle() does both.
   */
  get behind(): number {
    return this.#hasMore ? Number.POSITIVE_INFINITY : (this.#workers?.behind ?? 0);
  }

  /**
   * Waits until no more than `most` batches are behind, and calls `look`, which calls advance(), each time that some were
   * decided. With 0 all that was decided is given then, what became of early notes too: other threads may also have come to
   * an end while the caller, or `look`, wrote what was there before. @throws where another thread could not go on
   */
  async settle(look: () => void | Promise<void>, most = 0): Promise<void> {
    while (this.behind > most || (most === 0 && !this.#isGiven)) {
      await (this.#hasMore ? this.#workers?.hasRoom(most) : this.#workers?.settled(most));
      await look();
    }
  }

  /** Whether the last call of advance() gave all that other threads have decided. */
  get #isGiven(): boolean {
    return this.#workers === null || (this.#workers.isTaken && this.#workers.reached_ms === this.#given_ms);
  }

  /** Resolves when other threads have taken up the state that they were given. @throws where one cannot */
  async ready(): Promise<void> {
    await this.#workers?.ready();
  }

  /** Resolves when stats() has figures of other threads as they are now. @throws where one could not go on */
  async refreshed(): Promise<void> {
    await this.#workers?.refreshed();
  }

  /** How many threads judge, this one included. */
  get threads(): number {
    return 1 + (this.#workers?.others ?? 0);
  }

  /** Ends other threads; the engine is not used any more. */
  async close(): Promise<void> {
    await this.#workers?.close();
  }

  /** W (S3): everything before it is released and, once it is settled, decided. null before the first accepted event. */
  get watermark_ms(): number | null {
    const { value_ms } = this.#door.watermark;
    return value_ms === Number.NEGATIVE_INFINITY ? null : value_ms;
  }

  /** Time of the first event that this engine has folded, which had an empty state; null before it, and after a restore. */
  get first_event_ms(): number | null {
    return this.#first_event_ms;
  }

  /** The partition that W waits for: what it still sends is what lets the others' events go. */
  get held_back_by(): string | null {
    return this.#door.watermark.holder;
  }

  /**
   * Whether the record that was applied last says that its partition is there and gets on: it was accepted, or it shows
   * that the partition catches up. Of no other record (S3) does the driver take it that W should wait for the partition.
   */
  get is_sign_of_life(): boolean {
    return this.#door.is_sign_of_life;
  }

  /** By name the version of each lookup that was activated last; null where none was. */
  get lookup_versions(): ReadonlyMap<string, string | null> {
    return this.#fold.lookups.latest();
  }

  /** read = accepted + duplicate + late + rejected + `pending`. */
  get counters(): DoorCounters {
    return { ...this.#door.counters };
  }

  /** Records whose verdict waits for the watermark. Above limits.pending_events the driver holds its sources back. */
  get pending(): number {
    return this.#door.pending;
  }

  /** Of other threads as they were when this was asked last (refreshed()). */
  stats(): EngineStats {
    const own = engineStats(this.#fold.stats(), {
      dropped_ids: this.#door.dropped_ids,
      failed_casts: this.#door.failed_casts,
      dictionary_size: this.#dictionary.size,
      text_bytes: this.#dictionary.allocated_bytes,
      decoder_bytes: this.#decoder.allocated_bytes,
      lookup_bytes: this.#fold.lookups.allocated_bytes,
      door: this.#door.parts,
      early_bytes: this.#early?.state_bytes ?? 0,
      dropped_early: this.#early?.dropped ?? 0,
      dropped_early_bytes: this.#early?.dropped_bytes ?? 0,
    });
    return this.#workers?.stats(own) ?? own;
  }

  /** Copies of all state, that of other threads too. advance() has given everything; nothing is applied until it resolves. */
  async save(): Promise<Snapshot> {
    if (this.#workers === null) return this.snapshot();
    if (this.#hasMore || !this.#workers.isTaken)
      throw new Error('an engine is saved before all that it decided is given');
    const own = this.snapshot() as object;
    const { names } = this.#workers;
    return { ...own, workers: { names, states: await this.#workers.snapshots() } };
  }

  /**
   * Copies of all state of this thread (what advance() has not yet given too): the engine may go on while they are written.
   * Without other threads it is all that there is.
   */
  snapshot(): Snapshot {
    // It judges what has arrived first, which may bring new texts.
    const early = this.#early?.snapshot() ?? null;
    return {
      layout,
      program: this.#program.hash,
      dictionary: this.#dictionary.snapshot(),
      door: this.#door.snapshot(),
      fold: this.#fold.snapshot(),
      sweeper: this.#sweeper.snapshot(),
      early,
    };
  }

  /**
   * An engine in the state of a snapshot. Throws when the snapshot was made with another layout of the state, another
   * program (both hashes are named), another number of shards or other threads.
   */
  static restore(program: Program, snapshot: Snapshot, options: EngineOptions = {}): Engine {
    checkFit(snapshot, { layout, program, workers: options.workers ?? null });
    const from = snapshot as { [part: string]: Snapshot };
    const { states = [] } = (from.workers ?? {}) as Partial<SavedWorkers>;
    const isShared = options.owns_snapshot !== true;
    const engine = new Engine(program, options, Dictionary.restore(from.dictionary, isShared), states);
    try {
      engine.#door.restore(from.door, isShared);
      engine.#fold.restore(from.fold, isShared);
      engine.#sweeper.restore(from.sweeper);
      engine.#early?.restore(from.early);
    } catch (error) {
      // Its threads have begun.
      void engine.close();
      throw error;
    }
    return engine;
  }
}

function lettersOf(verdicts: readonly DoorVerdict[]): DeadLetter[] {
  return verdicts.flatMap(({ letter }) => (letter === null ? [] : [letter]));
}
