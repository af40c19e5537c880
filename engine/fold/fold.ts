import type { Batch } from '../batch.ts';
import type { Detection, DetectionPlace, TableRow } from '../detection.ts';
import { DetectionNames } from '../detections/id.ts';
import type { FailureSite } from '../failures.ts';
import { Lookups } from '../lookups/lookups.ts';
import { expectsKeys, type Program } from '../program.ts';
import { eventId } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Emission } from './emission.ts';
import { agesOf_ms } from './join-parts.ts';
import { Life, noEvent } from './life.ts';
import { Observed } from './observed.ts';
import { Policy } from './policy.ts';
import { Risk } from './risk.ts';
import { type FoldStats, foldStats } from './stats.ts';
import { type StoreLimits, storeLimits } from './store-limits.ts';
import type { Form } from './store-operator.ts';
import { type PieceEmissions, Streams } from './streams.ts';
import { TableRows } from './table-rows.ts';

export interface FoldOptions {
  /** Parts that the key groups are split into; it cannot show in any result. */
  readonly shards: number;
  /** 'judge' leaves out the hot forms: the same results, slowly. For tests. */
  readonly form?: Form;
  /** Bounds other than those of limits.ts, for tests. */
  readonly limits?: Partial<StoreLimits>;
  /** Other than limits.piece_rows, for tests; it cannot show in any result. */
  readonly piece_rows?: number | undefined;
  /** Is told the rows of tables (CREATE TABLE), in total order; without it nobody wants them. */
  readonly on_table_row?: (row: TableRow) => void;
  /** Another fold's, which activates, keeps and forgets their versions; without it the fold has its own. */
  readonly lookups?: Lookups;
  /** false: values that come to nothing are not counted, for another fold of the same rows counts them. */
  readonly counts_failures?: boolean;
  /**
   * The program is a part of another one (runtime/program-parts.ts): detections come with their place in the total order, and
   * by operator this is the number of its row store in the whole program.
   */
  readonly part?: { readonly stores: readonly number[] };
}

/**
 * The fold over the total order (semantics.md S1): rows of `events` in order go in, final detections come out in the
 * total order of what decided them, whatever the sizes of the batches and the number of shards. First the streams, then
 * policy over all detections in order. No clock: time is what the rows say.
 */
export class Fold {
  readonly #program: Program;
  readonly #symbols: Symbols;
  readonly #streams: Streams;
  readonly #policy: Policy;
  readonly #risk: Risk;
  readonly #life: Life;
  readonly #shards: number;
  /** Activations come between pushes, from a time on that no pushed row has reached (S13). */
  readonly lookups: Lookups;
  readonly #ownsLookups: boolean;
  /** How long after their time lookup versions are asked for. */
  readonly #age_ms: number;
  /** Only where an operator expects keys (WITH EMPTY KEYS OF). */
  readonly #observed: Observed | null;
  /** Since the start; null where another fold counts. */
  readonly #failed: Map<FailureSite, number> | null;
  /** The one that is pushed. */
  #batch: Batch | null = null;
  #until = Number.NEGATIVE_INFINITY;
  /** The greatest finite `until`: at a file's end nothing is known beyond it. */
  #reached = Number.NEGATIVE_INFINITY;

  constructor(program: Program, dictionary: Symbols, options: FoldOptions) {
    this.#program = program;
    this.#symbols = dictionary;
    this.#shards = options.shards;
    this.lookups = options.lookups ?? new Lookups(program);
    this.#ownsLookups = options.lookups === undefined;
    this.#age_ms = Math.max(...agesOf_ms(program));
    const limits = { ...storeLimits, ...options.limits };
    const expects = program.operators.some(expectsKeys);
    this.#observed = expects ? new Observed(limits.expecting_tenants) : null;
    const { on_table_row } = options;
    this.#streams = new Streams(program, dictionary, {
      ...{ shards: options.shards, form: options.form ?? 'hot', limits, piece_rows: options.piece_rows },
      ...{ lookups: this.lookups, observed: this.#observed },
      tables: on_table_row === undefined ? null : new TableRows(program, on_table_row),
      ...(options.part === undefined ? {} : { stores: options.part.stores }),
    });
    const names = program.operators.map((o) => new DetectionNames(o.name, o.plan_hash, program.digest));
    this.#policy = new Policy(program, limits);
    this.#risk = new Risk(program, limits);
    this.#life = new Life(
      program,
      {
        ...{ names, policy: this.#policy, risk: this.#risk, lookups: this.lookups },
        ...(options.part !== undefined ? { placeOf: (emission: Emission) => this.#placeOf(emission) } : {}),
      },
      limits,
    );
    this.#failed = options.counts_failures === false ? null : new Map();
  }

  /**
   * Folds a batch of `events` (total order within and across calls). No later row may have time < watermark_ms;
   * windows whose end - 1 lies before that, or before the batch's last row, are closed. +Infinity closes everything.
   */
  push(batch: Batch, watermark_ms: number): Detection[] {
    const detections: Detection[] = [];
    for (const piece of this.pushInPieces(batch, watermark_ms)) for (const one of piece) detections.push(one);
    return detections;
  }

  /**
   * The same, given piece by piece: one event may decide a thousand, and what a whole batch decides need not be in memory.
   * The caller takes all of it before it calls anything else here.
   */
  *pushInPieces(batch: Batch, watermark_ms: number): Generator<Detection[]> {
    const before = { until: this.#until, reached: this.#reached };
    const last = batch.count > 0 ? batch.time[batch.count - 1] : Number.NEGATIVE_INFINITY;
    this.#until = Math.max(this.#until, watermark_ms, last);
    this.#reached = Math.max(this.#reached, watermark_ms < Number.POSITIVE_INFINITY ? watermark_ms : last, last);
    this.#observed?.see(batch);
    const whole = { end: batch.count, until: this.#until, reached: this.#reached, isLast: true };
    const pieces = this.#streams.push(batch, before, whole);
    for (let detections = this.#nextOf(pieces, batch); detections !== null; detections = this.#nextOf(pieces, batch)) {
      yield detections;
    }
    if (this.#ownsLookups) this.lookups.release(this.#until - this.#age_ms);
  }

  /** null: it was the last one. */
  #nextOf(pieces: Iterator<PieceEmissions>, batch: Batch): Detection[] | null {
    const { failures } = this.#program;
    failures?.tellTo(this.#failed);
    this.#batch = batch;
    const next = pieces.next();
    const detections: Detection[] = [];
    if (next.done !== true) {
      for (const emission of next.value.emissions) this.#life.apply(emission, detections);
      this.#life.actUntil(next.value.until, detections);
    }
    this.#batch = null;
    failures?.tellTo(null);
    return next.done === true ? null : detections;
  }

  #placeOf({ at_end, root }: Emission): DetectionPlace {
    const batch = this.#batch;
    if (at_end > 0 || batch === null) return { at_end, ...noEvent };
    const event_tenant = this.#symbols.textOf(batch.tenant[root]);
    return { at_end, seq: batch.seq[root], event_id: eventId(batch, root), event_tenant };
  }

  /** Whether a detection may still have a further revision. */
  isOpen(id: string): boolean {
    return this.#life.isOpen(id);
  }

  stats(): FoldStats {
    const { stages, detections, joins, cut } = this.#streams;
    return foldStats(this.#program, stages, detections, {
      policy: this.#policy,
      risk: this.#risk,
      life: this.#life,
      joins,
      unobserved: this.#observed?.dropped ?? 0,
      cut,
      failed: this.#failed ?? new Map(),
    });
  }

  /** Copies of all state: the fold may go on while they are written. */
  snapshot(): Snapshot {
    return {
      shards: this.#shards,
      until: Float64Array.of(this.#until, this.#reached),
      observed: this.#observed?.snapshot() ?? null,
      lookups: this.#ownsLookups ? this.lookups.snapshot() : null,
      policy: this.#policy.snapshot(),
      risk: this.#risk.snapshot(),
      life: this.#life.snapshot(),
      streams: this.#streams.snapshot(),
    };
  }

  /**
   * Into a new fold of the same program, with the dictionary as it was. Throws where the number of shards differs.
   * @param isShared somebody else may have the snapshot's memory
   */
  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as {
      shards: number;
      until: Float64Array;
      observed: Snapshot;
      lookups: Snapshot;
      policy: Snapshot;
      risk: Snapshot;
      life: Snapshot;
      streams: Snapshot;
    };
    if (from.shards !== this.#shards) {
      throw new Error(
        `the checkpoint was made with ${from.shards} shards and cannot be taken up with ${this.#shards}: ` +
          `start with ${from.shards}, or without the checkpoint, from the log`,
      );
    }
    [this.#until, this.#reached] = from.until;
    this.#observed?.restore(from.observed);
    if (this.#ownsLookups) this.lookups.restore(from.lookups);
    this.#policy.restore(from.policy);
    this.#risk.restore(from.risk);
    this.#life.restore(from.life);
    this.#streams.restore(from.streams, isShared);
  }

  /** Sets used[id] = 1 for every dictionary id that the state holds. `used` reaches to the dictionary's capacity. */
  markUsed(used: Uint8Array): void {
    this.#observed?.markUsed(used);
    this.#streams.markUsed(used);
  }

  /** Ids may be taken back and given to other texts: caches by id are dropped. */
  forget(): void {
    this.#streams.forget();
  }

  get symbols(): Symbols {
    return this.#symbols;
  }
}
