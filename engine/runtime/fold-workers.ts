import type { Batch } from '../batch.ts';
import type { Detection, TableRow } from '../detection.ts';
import { limits } from '../limits.ts';
import type { LookupActivation } from '../lookups/lookups.ts';
import type { Program } from '../program.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { type PlacedFound, placed, unpackedDetections } from './packed-results.ts';
import { type PartListener, PartSeat, type PartThread, type SeatOwner, type WorkerPart } from './part-seat.ts';
import { type PartStats, statsOfParts } from './part-stats.ts';
import { PlacedMerge } from './place-order.ts';
import { namesOfParts } from './snapshot-fit.ts';
import type { EngineStats } from './stats.ts';

/** The parts of a program by thread: the first one is folded by the engine's own, where the door is. */
export interface WorkerParts {
  readonly own: WorkerPart;
  readonly others: readonly WorkerPart[];
  /** Starts the thread of others[k]. */
  readonly start: (k: number, listener: PartListener) => PartThread;
  /** Batches that may be handed over and not decided, for tests; default: twice limits.batches_behind. */
  readonly most_batches?: number;
}

/**
 * The folds of a program's parts that other threads have, and what all of them decide, sorted into the total order. Every
 * thread gets every row, with the columns that its rules read; push() only hands them over, so that threads fold at the same
 * time as this one. What is decided comes with take(), in the order and with the content that one thread would give it; how
 * early it comes may differ until settled() has resolved.
 */
export class FoldWorkers {
  /** Of each part, its rules and views. */
  readonly names: readonly (readonly string[])[];
  readonly #program: Program;
  readonly #own: WorkerPart;
  readonly #seats: PartSeat[] = [];
  readonly #most_batches: number;
  /** Part 0 is the own one. */
  readonly #merge: PlacedMerge<PlacedFound>;
  #table_rows: TableRow[] = [];
  #pushed_ms = Number.NaN;
  #failure: Error | null = null;
  /** Told when something is answered, or can no more be. */
  #waiting: (() => void)[] = [];

  /**
   * @param restored states of the other threads, which snapshots() gave; none: they begin
   * @throws what `start` throws; those that were started are ended then
   */
  constructor(program: Program, symbols: Symbols, parts: WorkerParts, restored: readonly Snapshot[]) {
    const { own, others, start } = parts;
    this.#program = program;
    this.#own = own;
    this.#most_batches = parts.most_batches ?? 2 * limits.batches_behind;
    this.#merge = new PlacedMerge(others.length + 1);
    this.names = namesOfParts(parts);
    try {
      others.forEach((worker, k) => {
        const begin = (listener: PartListener): PartThread => start(k, listener);
        const owner = this.#ownerOf(k + 1, worker);
        this.#seats.push(new PartSeat(program, worker, symbols, begin, restored[k] ?? null, owner));
      });
    } catch (error) {
      void this.close();
      throw error;
    }
    for (const seat of this.#seats) seat.askStats();
  }

  #ownerOf(place: number, { part: { operators } }: WorkerPart): SeatOwner {
    return {
      decided: ({ detections, table_rows }, reached_ms) => {
        this.#merge.add(place, unpackedDetections(detections, this.#program, operators));
        for (const row of table_rows) this.#table_rows.push({ ...row, operator: operators[row.operator] });
        this.#merge.reach(place, reached_ms);
      },
      heard: () => this.#wake(),
      failed: (error) => this.#fail(error),
    };
  }

  /** Hands a batch to all other threads; it is the caller's again when this returns. @throws where one could not go on */
  push(batch: Batch, reached_ms: number): void {
    if (this.#failure !== null) throw this.#failure;
    if (batch.count === 0 && reached_ms === this.#pushed_ms) return;
    this.#pushed_ms = reached_ms;
    for (const seat of this.#seats) seat.push(batch, reached_ms);
  }

  /** Whether they have as much to do as they may: no more is released until some of it is decided. */
  get isFull(): boolean {
    const bytes = this.#seats.reduce((sum, { posted_bytes }) => sum + posted_bytes, 0);
    return this.behind >= this.#most_batches || bytes >= limits.parcel_bytes;
  }

  /** What the own part decided of the batch that was pushed last, up to the same time. */
  addOwn(detections: readonly Detection[], reached_ms: number): void {
    const { operators } = this.#own.part;
    this.#merge.add(
      0,
      detections.map((one) => placed(one, this.#program, operators)),
    );
    this.#merge.reach(0, reached_ms);
  }

  activate(activation: LookupActivation): void {
    for (const seat of this.#seats) seat.activate(activation);
  }

  /** What all threads have decided before, in the total order; nothing twice. */
  take(): Detection[] {
    return this.#merge.take().map(({ detection }) => detection);
  }

  /** Whether the own part has decided something of this id that take() has not given. */
  ownWaits(id: string): boolean {
    for (const { detection } of this.#merge.waitingOf(0)) if (detection.id === id) return true;
    return false;
  }

  /** Rows of tables, in order: all tables are in one part, and these are those of the own one. */
  takeTableRows(own: readonly TableRow[]): TableRow[] {
    const { operators } = this.#own.part;
    const rows = [...own.map((row) => ({ ...row, operator: operators[row.operator] })), ...this.#table_rows];
    this.#table_rows = [];
    return rows;
  }

  /** How many other threads there are. */
  get others(): number {
    return this.#seats.length;
  }

  /** Everything before it is decided by all. */
  get reached_ms(): number {
    return this.#merge.reached_ms;
  }

  /** Batches that were handed over and that some thread has not decided yet; +Infinity where one could not go on. */
  get behind(): number {
    if (this.#failure !== null) return Number.POSITIVE_INFINITY;
    return Math.max(...this.#seats.map(({ batches }) => batches));
  }

  /** Resolves when no more than `most` batches are behind. @throws where a thread could not go on */
  settled(most: number): Promise<void> {
    return this.#until(() => this.behind <= most);
  }

  /**
   * Resolves when no more than `most` batches are behind, or half as many as may be, and more may be handed over, in bytes too:
   * who looked for more without waiting for that would keep this thread from hearing of any answer.
   * @throws where a thread could not go on
   */
  hasRoom(most: number): Promise<void> {
    const batches = Math.max(most, this.#most_batches >> 1);
    return this.#until(() => this.behind <= batches && !this.isFull);
  }

  /** Resolves when all threads have the state that they were given. @throws where one could not take it up */
  ready(): Promise<void> {
    return this.#until(() => this.#seats.every(({ isReady }) => isReady));
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (this.#failure === null && !isThere()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * Figures of all parts; those of other threads as they were when they were asked last, which is now done again (refreshed()
   * waits for them). Of a thread that never answered nothing is there.
   */
  stats(own: EngineStats): EngineStats {
    const between = this.#seats.reduce((sum, { allocated_bytes }) => sum + allocated_bytes, 0);
    const parts: PartStats[] = [{ part: this.#own.part, stats: withBytes(own, between) }];
    for (const { part, stats } of this.#seats) if (stats !== null) parts.push({ part, stats });
    if (this.#failure === null) for (const seat of this.#seats) seat.askStats();
    const { failed_casts, failed_by_cast } = own;
    return { ...statsOfParts(this.#program, parts), failed_casts, failed_by_cast };
  }

  /** Resolves when figures have come that were asked for behind everything that was handed over. */
  async refreshed(): Promise<void> {
    const answered = (): boolean => this.#seats.every(({ owesStats }) => !owesStats);
    await this.#until(answered);
    for (const seat of this.#seats) seat.askStats();
    await this.#until(answered);
  }

  /** Copies of the other threads' state, in their order; nothing is pushed meanwhile, and take() has given everything. */
  async snapshots(): Promise<Snapshot[]> {
    for (const seat of this.#seats) seat.askSnapshot();
    await this.#until(() => this.#seats.every(({ snapshot }) => snapshot !== null));
    return this.#seats.map((seat) => {
      const { snapshot } = seat;
      seat.snapshot = null;
      return snapshot;
    });
  }

  /** Whether everything that was decided is given. */
  get isTaken(): boolean {
    return this.behind === 0 && this.#merge.isEmpty && this.#table_rows.length === 0;
  }

  markUsed(): void {
    // Other threads have dictionaries of their own.
  }

  forget(): void {
    for (const seat of this.#seats) seat.forget();
  }

  /** Whoever waits for an answer gets none. */
  async close(): Promise<void> {
    this.#fail(new Error('the threads of this engine were ended'));
    await Promise.all(this.#seats.map((seat) => seat.close()));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function withBytes(own: EngineStats, bytes: number): EngineStats {
  const parts = { ...own.parts, 'rows between threads': bytes };
  return { ...own, parts, state_bytes: own.state_bytes + bytes };
}
