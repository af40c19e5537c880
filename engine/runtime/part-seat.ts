import type { Batch } from '../batch.ts';
import type { LookupActivation } from '../lookups/lookups.ts';
import type { Program } from '../program.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { columnsOfPart } from './own-columns.ts';
import type { PartAnswer, PartMessage } from './part-fold.ts';
import type { ProgramPart } from './program-parts.ts';
import { RowSender } from './row-sender.ts';
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

/** Memory of parcels that came back and is kept for the next ones. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** So that a bigger batch finds room in the memory of a smaller one. */
const ROOM = 1.25;

/** What is posted and not answered. */
interface Posted {
  readonly memory?: SharedArrayBuffer;
  /** Of rows: where the part is when they are answered. */
  readonly reached_ms?: number;
}

/** What an owner of seats is told. */
export interface SeatOwner {
  /** All that the part decides before the time is there. */
  decided(answer: Extract<PartAnswer, { kind: 'decided' }>, reached_ms: number): void;
  /** Something was answered. */
  heard(): void;
  failed(error: Error): void;
}

/** The engine's end of one other thread: what it was given, what it owes, and the memory between the two. */
export class PartSeat {
  readonly part: ProgramPart;
  /** As they were when they were asked for last; null: they never came. */
  stats: EngineStats | null = null;
  /** Batches that were handed over and are not decided. */
  batches = 0;
  /** What it gave when it was asked last; null: it has not answered. */
  snapshot: Snapshot | null = null;
  readonly #thread: PartThread;
  readonly #sender: RowSender;
  readonly #owner: SeatOwner;
  readonly #posted: Posted[] = [];
  readonly #free: SharedArrayBuffer[] = [];
  #posted_bytes = 0;
  #free_bytes = 0;
  #owesStats = false;
  #isReady: boolean;

  /** @param start starts the thread; @param restored the state to go on from, null: an empty one */
  constructor(
    program: Program,
    { part, program: own }: WorkerPart,
    symbols: Symbols,
    start: (listener: PartListener) => PartThread,
    restored: Snapshot | null,
    owner: SeatOwner,
  ) {
    this.part = part;
    this.#owner = owner;
    this.#sender = new RowSender(symbols, columnsOfPart(program, own));
    this.#isReady = restored === null;
    this.#thread = start({ answer: (answer) => this.#take(answer), fail: (error) => owner.failed(error) });
    if (restored !== null) this.#post({ kind: 'restore', snapshot: restored });
  }

  /** Whether it has taken up the state that it was given. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get owesStats(): boolean {
    return this.#owesStats;
  }

  /** Memory of rows that are on their way. */
  get posted_bytes(): number {
    return this.#posted_bytes;
  }

  /** The same, with what is kept for the next ones. */
  get allocated_bytes(): number {
    return this.#posted_bytes + this.#free_bytes + this.#sender.allocated_bytes;
  }

  push(batch: Batch, reached_ms: number): void {
    const parcel = this.#sender.pack(batch, (bytes) => this.#memoryOf(bytes));
    this.batches++;
    this.#posted_bytes += parcel.memory.byteLength;
    this.#post({ kind: 'rows', parcel, reached_ms }, { memory: parcel.memory, reached_ms });
  }

  activate({ name, from_ms, version, bytes }: LookupActivation): void {
    // A view of a larger buffer would be copied with all of it.
    this.#post({ kind: 'lookup', name, from_ms, version, bytes: bytes.slice() });
  }

  askStats(): void {
    if (this.#owesStats) return;
    this.#owesStats = true;
    this.#post({ kind: 'stats' });
  }

  askSnapshot(): void {
    this.snapshot = null;
    this.#post({ kind: 'snapshot' });
  }

  /** Ids may stand for other texts from now on. */
  forget(): void {
    this.#sender.forget();
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #post(message: PartMessage, posted: Posted = {}): void {
    this.#posted.push(posted);
    this.#thread.post(message);
  }

  #take(answer: PartAnswer): void {
    const { memory, reached_ms } = this.#posted.shift() ?? {};
    if (memory !== undefined) this.#keep(memory);
    this.#isReady = true;
    if (answer.kind === 'decided') {
      this.batches--;
      this.#owner.decided(answer, reached_ms as number);
    } else if (answer.kind === 'stats') {
      this.stats = answer.stats;
      this.#owesStats = false;
    } else if (answer.kind === 'snapshot') this.snapshot = answer.snapshot;
    this.#owner.heard();
  }

  #memoryOf(bytes: number): SharedArrayBuffer {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    const memory = at === -1 ? new SharedArrayBuffer(Math.ceil(bytes * ROOM)) : this.#free.splice(at, 1)[0];
    if (at !== -1) this.#free_bytes -= memory.byteLength;
    return memory;
  }

  #keep(memory: SharedArrayBuffer): void {
    this.#posted_bytes -= memory.byteLength;
    if (this.#free_bytes + memory.byteLength > KEPT_BYTES) return;
    this.#free.push(memory);
    this.#free_bytes += memory.byteLength;
  }
}
