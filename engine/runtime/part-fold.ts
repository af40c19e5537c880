import type { Batch } from '../batch.ts';
import { Dictionary } from '../decode/dictionary.ts';
import { FailedCasts } from '../decode/failed-casts.ts';
import type { TableRow } from '../detection.ts';
import { emptyBatch } from '../door/event-batch.ts';
import { Fold } from '../fold/fold.ts';
import type { StoreLimits } from '../fold/store-limits.ts';
import { limits } from '../limits.ts';
import type { LookupActivation } from '../lookups/lookups.ts';
import type { Program } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { DictionarySweeper, type SweepSteps } from './dictionary-sweeper.ts';
import { fieldsOf } from './own-columns.ts';
import { type PackedDetections, packedDetections } from './packed-results.ts';
import type { RowParcel } from './row-parcel.ts';
import { RowReceiver } from './row-receiver.ts';
import { type EngineStats, engineStats } from './stats.ts';

/** What a thread that folds a part is told, in order; it answers each with one PartAnswer, in the same order. */
export type PartMessage =
  | { readonly kind: 'rows'; readonly parcel: RowParcel; readonly reached_ms: number }
  | ({ readonly kind: 'lookup' } & LookupActivation)
  | { readonly kind: 'restore'; readonly snapshot: Snapshot }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'stats' };

export type PartAnswer =
  | { readonly kind: 'decided'; readonly detections: PackedDetections; readonly table_rows: readonly TableRow[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'stats'; readonly stats: EngineStats };

export interface PartFoldOptions {
  readonly shards: number;
  /** Numbers of the row stores (ProgramPart). */
  readonly stores: readonly number[];
  readonly limits?: Partial<StoreLimits>;
  readonly sweep?: Partial<SweepSteps>;
}

/**
 * The fold of a part of a program in a thread of its own (fold-workers.ts is the other end): rows come with the texts of ids
 * that are new, and become rows of the own dictionary.
 */
export class PartFold {
  readonly #dictionary: Dictionary;
  readonly #fold: Fold;
  readonly #receiver: RowReceiver;
  readonly #sweeper: DictionarySweeper;
  readonly #batch: Batch;
  #table_rows: TableRow[] = [];

  /** @param snapshot what another one of the same part gave */
  constructor(program: Program, options: PartFoldOptions, snapshot: Snapshot | null = null) {
    const from = snapshot as { dictionary: Snapshot; fold: Snapshot; sweeper: Snapshot } | null;
    this.#dictionary = from === null ? new Dictionary() : Dictionary.restore(from.dictionary);
    const { shards, stores, limits: bounds = {}, sweep } = options;
    const part = { shards, limits: bounds, part: { stores } };
    this.#fold = new Fold(program, this.#dictionary, { ...part, on_table_row: (row) => this.#table_rows.push(row) });
    const storages = fieldsOf(program.streams[0]).map(({ storage }) => storage);
    this.#receiver = new RowReceiver(this.#dictionary, storages);
    this.#batch = emptyBatch(program, limits.batch_rows);
    const sent = (used: Uint8Array): void => this.#receiver.markUsed(used);
    this.#sweeper = new DictionarySweeper(this.#dictionary, [this.#fold], sent, sweep);
    if (from === null) return;
    this.#fold.restore(from.fold);
    this.#sweeper.restore(from.sweeper);
  }

  push(parcel: RowParcel, reached_ms: number): PartAnswer {
    this.#receiver.unpack(parcel, this.#batch);
    const detections = packedDetections(this.#fold.push(this.#batch, reached_ms));
    this.#sweeper.sweepIfGrown();
    const table_rows = this.#table_rows;
    this.#table_rows = [];
    return { kind: 'decided', detections, table_rows };
  }

  activate(activation: LookupActivation): void {
    this.#fold.lookups.activate(activation);
  }

  stats(): EngineStats {
    return engineStats(this.#fold.stats(), {
      ...{ dropped_ids: 0, failed_casts: new FailedCasts([]), door: {} },
      decoder_bytes: this.#receiver.allocated_bytes,
      ...{ early_bytes: 0, dropped_early: 0, dropped_early_bytes: 0 },
      dictionary_size: this.#dictionary.size,
      text_bytes: this.#dictionary.allocated_bytes,
      lookup_bytes: this.#fold.lookups.allocated_bytes,
    });
  }

  /** Without what was sent: a restored one is sent all texts anew. */
  snapshot(): Snapshot {
    const [fold, dictionary] = [this.#fold.snapshot(), this.#dictionary.snapshot()];
    return { fold, dictionary, sweeper: this.#sweeper.snapshot() };
  }
}

/** A thread's work: a PartFold that is made by the first message where that restores one, and then does what it is told. */
export class PartServant {
  readonly #make: (snapshot: Snapshot | null) => PartFold;
  #fold: PartFold | null = null;

  constructor(make: (snapshot: Snapshot | null) => PartFold) {
    this.#make = make;
  }

  answer(message: PartMessage): PartAnswer {
    if (message.kind === 'restore') {
      this.#fold = this.#make(message.snapshot);
      return { kind: 'done' };
    }
    this.#fold ??= this.#make(null);
    if (message.kind === 'rows') return this.#fold.push(message.parcel, message.reached_ms);
    if (message.kind === 'snapshot') return { kind: 'snapshot', snapshot: this.#fold.snapshot() };
    if (message.kind === 'stats') return { kind: 'stats', stats: this.#fold.stats() };
    this.#fold.activate(message);
    return { kind: 'done' };
  }
}
