import type { Batch } from '../batch.ts';
import type { Detection, TableRow } from '../detection.ts';
import type { LookupActivation } from '../lookups/lookups.ts';
import type { Program } from '../program.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { columnsOfPart } from './own-columns.ts';
import { type PlacedFound, placed, unpackedDetections } from './packed-results.ts';
import type { PartAnswer, PartMessage } from './part-fold.ts';
import { type PartStats, statsOfParts } from './part-stats.ts';
import { PlacedMerge } from './place-order.ts';
import type { ProgramPart } from './program-parts.ts';
import { RowSender } from './row-parcel.ts';
import { namesOfParts } from './snapshot-fit.ts';
import type { EngineStats } from './stats.ts';

/** A part of a program, and the program of its rules alone. */
export interface WorkerPart {
  readonly part: ProgramPart;
  readonly program: Program;
}

/** A thread that folds a part: it takes messages in order and answers each (PartServant). */
export interface PartThread {
  post(message: PartMessage): void;
  /** Resolves when it has ended. Nothing is answered any more. */
  close(): Promise<void>;
}

/** Who hears a thread. */
export interface PartListener {
  answer(answer: PartAnswer): void;
  /** It cannot go on. */
  fail(error: Error): void;
}

/** The parts of a program by thread: the first one is folded by the engine's own, where the door is. */
export interface WorkerParts {
  readonly own: WorkerPart;
  readonly others: readonly WorkerPart[];
  /** Starts the thread of others[k]. */
  readonly start: (k: number, listener: PartListener) => PartThread;
}

/** Memory of parcels that came back and is kept for the next ones. */
const KEPT_PARCELS = 8;
/** So that a bigger batch finds room in the memory of a smaller one. */
const ROOM = 1.25;

interface Seat {
  readonly k: number;
  readonly worker: WorkerPart;
  readonly thread: PartThread;
  readonly sender: RowSender;
  /** What is posted and not answered, in order. */
  readonly posted: Posted[];
  /** Memory that nobody uses. */
  readonly free: SharedArrayBuffer[];
  /** Batches that are posted and not answered. */
  batches: number;
  stats: EngineStats | null;
}

interface Posted {
  readonly memory?: SharedArrayBuffer;
  /** Of rows: where the part is when they are answered. */
  readonly reached_ms?: number;
  readonly taken?: (snapshot: Snapshot) => void;
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
  readonly #seats: readonly Seat[];
  /** Part 0 is the own one. */
  readonly #merge: PlacedMerge<PlacedFound>;
  #table_rows: TableRow[] = [];
  #pushed_ms = Number.NaN;
  #failure: Error | null = null;
  #closed = false;
  /** Told when something is answered, or can no more be. */
  #waiting: (() => void)[] = [];

  /** @param restored states of the other threads, which snapshots() gave; none: they begin */
  constructor(program: Program, symbols: Symbols, parts: WorkerParts, restored: readonly Snapshot[]) {
    const { own, others, start } = parts;
    this.#program = program;
    this.#own = own;
    this.#merge = new PlacedMerge(others.length + 1);
    this.names = namesOfParts(parts);
    this.#seats = others.map((worker, k) => {
      const read = columnsOfPart(program, worker.program);
      const listener = {
        answer: (answer: PartAnswer) => this.#take(this.#seats[k], answer),
        fail: (error: Error) => this.#fail(error),
      };
      const thread = start(k, listener);
      return { k, worker, thread, sender: new RowSender(symbols, read), posted: [], free: [], batches: 0, stats: null };
    });
    for (const seat of this.#seats) {
      if (restored.length > 0) this.#post(seat, { kind: 'restore', snapshot: restored[seat.k] });
      this.#post(seat, { kind: 'stats' });
    }
  }

  /** Hands a batch to all other threads; it is the caller's again when this returns. */
  push(batch: Batch, reached_ms: number): void {
    if (this.#failure !== null) throw this.#failure;
    if (batch.count === 0 && reached_ms === this.#pushed_ms) return;
    this.#pushed_ms = reached_ms;
    for (const seat of this.#seats) {
      const parcel = seat.sender.pack(batch, (bytes) => memoryOf(seat.free, bytes));
      seat.batches++;
      this.#post(seat, { kind: 'rows', parcel, reached_ms }, { memory: parcel.memory, reached_ms });
    }
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
    for (const seat of this.#seats) this.#post(seat, { kind: 'lookup', ...activation });
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

  async #until(isThere: () => boolean): Promise<void> {
    while (this.#failure === null && !this.#closed && !isThere()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /** Figures of all parts; those of other threads as they were when they were asked last, which is now done again. */
  stats(own: EngineStats): EngineStats {
    const parts: PartStats[] = [{ part: this.#own.part, stats: own }];
    for (const { worker, stats } of this.#seats) if (stats !== null) parts.push({ part: worker.part, stats });
    if (this.#failure === null) for (const seat of this.#seats) this.#post(seat, { kind: 'stats' });
    return {
      ...statsOfParts(this.#program, parts),
      failed_casts: own.failed_casts,
      failed_by_cast: own.failed_by_cast,
    };
  }

  /** Copies of the other threads' state, in their order; nothing is pushed meanwhile. */
  async snapshots(): Promise<Snapshot[]> {
    const snapshots = new Map<number, Snapshot>();
    for (const seat of this.#seats) {
      this.#post(seat, { kind: 'snapshot' }, { taken: (snapshot) => void snapshots.set(seat.k, snapshot) });
    }
    await this.#until(() => snapshots.size === this.#seats.length);
    return this.#seats.map(({ k }) => snapshots.get(k) as Snapshot);
  }

  markUsed(): void {
    // Other threads have dictionaries of their own.
  }

  forget(): void {
    for (const { sender } of this.#seats) sender.forget();
  }

  /** Whoever waits for an answer gets none. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#failure ??= new Error('the threads of this engine were ended');
    this.#wake();
    await Promise.all(this.#seats.map(({ thread }) => thread.close()));
  }

  #post(seat: Seat, message: PartMessage, posted: Posted = {}): void {
    seat.posted.push(posted);
    seat.thread.post(message);
  }

  #take(seat: Seat, answer: PartAnswer): void {
    const posted = seat.posted.shift();
    if (posted === undefined || this.#closed) return;
    if (posted.memory !== undefined && seat.free.length < KEPT_PARCELS) seat.free.push(posted.memory);
    const { program, part } = { program: this.#program, part: seat.worker.part };
    if (answer.kind === 'decided') {
      this.#merge.add(seat.k + 1, unpackedDetections(answer.detections, program, part.operators));
      for (const row of answer.table_rows) this.#table_rows.push({ ...row, operator: part.operators[row.operator] });
    } else if (answer.kind === 'stats') seat.stats = answer.stats;
    else if (answer.kind === 'snapshot') posted.taken?.(answer.snapshot);
    if (posted.reached_ms !== undefined) {
      seat.batches--;
      this.#merge.reach(seat.k + 1, posted.reached_ms);
    }
    this.#wake();
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

function memoryOf(free: SharedArrayBuffer[], bytes: number): SharedArrayBuffer {
  const at = free.findIndex(({ byteLength }) => byteLength >= bytes);
  if (at !== -1) return free.splice(at, 1)[0];
  free.shift();
  return new SharedArrayBuffer(Math.ceil(bytes * ROOM));
}
