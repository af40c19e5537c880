import type { Batch } from '../batch.ts';
import type { Detection, DetectionPlace, TableRow } from '../detection.ts';
import { DetectionNames } from '../detections/id.ts';
import type { FailureSite } from '../failures.ts';
import { Lookups } from '../lookups/lookups.ts';
import { expectsKeys, type Program } from '../program.ts';
import { eventId, eventRows, noRows, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { Baseline } from './baseline.ts';
import { DerivedRows } from './derived-rows.ts';
import { type Emission, inOrder, sortEmissions } from './emission.ts';
import { Join } from './join.ts';
import { agesOf_ms, type JoinOperator } from './join-parts.ts';
import { JoinRoutes } from './join-routes.ts';
import { Life, noEvent } from './life.ts';
import { Observed } from './observed.ts';
import { PlainBaseline } from './plain-baseline.ts';
import { PlainJoin } from './plain-join.ts';
import { Policy } from './policy.ts';
import { Risk } from './risk.ts';
import { SideQuestions } from './side-questions.ts';
import { Stage } from './stage.ts';
import { type FoldStats, foldStats } from './stats.ts';
import { type StoreLimits, storeLimits } from './store-limits.ts';
import type { Form } from './store-operator.ts';
import { TableRows } from './table-rows.ts';

export interface FoldOptions {
  /** Parts that the key groups are split into; it cannot show in any result. */
  readonly shards: number;
  /** 'judge' leaves out the hot forms: the same results, slowly. For tests. */
  readonly form?: Form;
  /** Bounds other than those of limits.ts, for tests. */
  readonly limits?: Partial<StoreLimits>;
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
 * total order of what decided them, whatever the sizes of the batches and the number of shards. Stream by stream, a
 * view before whatever reads it; then policy over all detections in order. No clock: time is what the rows say.
 */
export class Fold {
  readonly #program: Program;
  readonly #symbols: Symbols;
  /** By stream. */
  readonly #stages: readonly Stage[];
  /** By stream; null where it is no join. */
  readonly #joins: readonly (JoinOperator | null)[];
  /** null: the joins' plain forms test their WHEREs themselves. */
  readonly #routes: JoinRoutes | null;
  /** By stream; null where no view makes it. */
  readonly #views: readonly (DerivedRows | null)[];
  /** null: nobody wants their rows. */
  readonly #tables: TableRows | null;
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
  readonly #detections: Float64Array;
  /** Since the start; null where another fold counts. */
  readonly #failed: Map<FailureSite, number> | null;
  /** The one that is pushed. */
  #batch: Batch | null = null;
  #until = Number.NEGATIVE_INFINITY;
  /** How many events were pushed. */
  #pushed = 0;
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
    const stage = {
      shards: options.shards,
      form: options.form ?? 'hot',
      limits,
      lookups: this.lookups,
      observed: this.#observed,
      ...(options.part === undefined ? {} : { stores: options.part.stores }),
    };
    this.#stages = program.streams.map((_, stream) => new Stage(program, stream, dictionary, stage));
    this.#routes = stage.form === 'judge' ? null : new JoinRoutes(program, dictionary);
    const questions = new SideQuestions(program, dictionary, this.lookups);
    this.#joins = program.streams.map(({ join }, stream) => {
      if (join === undefined) return null;
      const Plain = join.as_of ? PlainBaseline : PlainJoin;
      const Typed = join.as_of ? Baseline : Join;
      return this.#routes === null
        ? new Plain(program, stream, dictionary, limits, this.lookups)
        : new Typed(program, stream, dictionary, limits, { routes: this.#routes, lookups: this.lookups, questions });
    });
    this.#views = program.streams.map((_, stream) =>
      DerivedRows.of(program, stream, dictionary, limits.array_text_units),
    );
    const { on_table_row } = options;
    this.#tables = on_table_row === undefined ? null : new TableRows(program, on_table_row);
    const names = program.operators.map((o) => new DetectionNames(o.name, o.plan_hash, program.digest));
    this.#policy = new Policy(program, stage.limits);
    this.#risk = new Risk(program, stage.limits);
    this.#life = new Life(
      program,
      {
        ...{ names, policy: this.#policy, risk: this.#risk, lookups: this.lookups },
        ...(options.part !== undefined ? { placeOf: (emission: Emission) => this.#placeOf(emission) } : {}),
      },
      stage.limits,
    );
    this.#detections = new Float64Array(program.operators.length);
    this.#failed = options.counts_failures === false ? null : new Map();
  }

  /**
   * Folds a batch of `events` (total order within and across calls). No later row may have time < watermark_ms;
   * windows whose end - 1 lies before that, or before the batch's last row, are closed. +Infinity closes everything.
   */
  push(batch: Batch, watermark_ms: number): Detection[] {
    this.#program.failures?.tellTo(this.#failed);
    this.#batch = batch;
    const detections = this.#push(batch, watermark_ms);
    this.#batch = null;
    this.#program.failures?.tellTo(null);
    return detections;
  }

  #push(batch: Batch, watermark_ms: number): Detection[] {
    const last = batch.count > 0 ? batch.time[batch.count - 1] : Number.NEGATIVE_INFINITY;
    this.#until = Math.max(this.#until, watermark_ms, last);
    this.#reached = Math.max(this.#reached, watermark_ms < Number.POSITIVE_INFINITY ? watermark_ms : last, last);
    this.#observed?.see(batch);
    const { streams, operators } = this.#program;
    const rows: (StreamRows | null)[] = streams.map(() => null);
    rows[0] = eventRows(batch);
    const decided: Emission[][] = [];
    /** By stream: what its views have emitted so far, each in order. All of them stand before it. */
    const emitted: Emission[][][] = streams.map(() => []);
    for (let stream = 0; stream < streams.length; stream++) {
      const join = this.#joins[stream];
      if (join !== null) {
        const { left, right } = join.spec;
        const [lefts, rights] = [rows[left.stream] ?? noRows, rows[right.stream] ?? noRows];
        rows[stream] = join.process(lefts, rights, this.#until, this.#pushed);
      }
      if (emitted[stream].length > 0) rows[stream] = this.#views[stream]?.make(inOrder(emitted[stream])) ?? null;
      const input = rows[stream] ?? noRows;
      const emissions = this.#stages[stream].process(input, this.#until, this.#reached);
      // The stage has completed the columns.
      this.#routes?.route(stream, input);
      if (emissions.length === 0) continue;
      for (const [operator, own] of Map.groupBy(emissions, (emission) => emission.operator)) {
        this.#detections[operator] += countFirings(own);
        const { output_stream } = operators[operator];
        sortEmissions(own);
        (output_stream < 0 ? decided : emitted[output_stream]).push(own);
        this.#tables?.add(operator, own);
      }
    }
    this.#pushed += batch.count;
    this.#tables?.giveAll();
    const detections: Detection[] = [];
    for (const emission of inOrder(decided)) this.#life.apply(emission, detections);
    this.#life.actUntil(this.#until, detections);
    if (this.#ownsLookups) this.lookups.release(this.#until - this.#age_ms);
    return detections;
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
    return foldStats(this.#program, this.#stages, this.#detections, {
      policy: this.#policy,
      risk: this.#risk,
      life: this.#life,
      joins: this.#joins.filter((join) => join !== null),
      unobserved: this.#observed?.dropped ?? 0,
      cut: this.#views.reduce((sum, view) => sum + (view?.dropped_elements ?? 0), 0),
      failed: this.#failed ?? new Map(),
    });
  }

  /** Copies of all state: the fold may go on while they are written. */
  snapshot(): Snapshot {
    return {
      shards: this.#shards,
      until: Float64Array.of(this.#until, this.#reached, this.#pushed),
      detections: this.#detections.slice(),
      observed: this.#observed?.snapshot() ?? null,
      lookups: this.#ownsLookups ? this.lookups.snapshot() : null,
      policy: this.#policy.snapshot(),
      risk: this.#risk.snapshot(),
      life: this.#life.snapshot(),
      cut: Float64Array.from(this.#views, (view) => view?.dropped_elements ?? 0),
      joins: this.#joins.map((join) => join?.snapshot() ?? null),
      stages: this.#stages.map((stage) => stage.snapshot()),
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
      detections: Float64Array;
      observed: Snapshot;
      lookups: Snapshot;
      policy: Snapshot;
      risk: Snapshot;
      life: Snapshot;
      cut: Float64Array;
      joins: Snapshot[];
      stages: Snapshot[];
    };
    if (from.shards !== this.#shards) {
      throw new Error(
        `the checkpoint was made with ${from.shards} shards and cannot be taken up with ${this.#shards}: ` +
          `start with ${from.shards}, or without the checkpoint, from the log`,
      );
    }
    [this.#until, this.#reached, this.#pushed] = from.until;
    this.#detections.set(from.detections);
    this.#observed?.restore(from.observed);
    if (this.#ownsLookups) this.lookups.restore(from.lookups);
    this.#policy.restore(from.policy);
    this.#risk.restore(from.risk);
    this.#life.restore(from.life);
    this.#views.forEach((view, stream) => {
      if (view !== null) view.dropped_elements = from.cut[stream];
    });
    from.joins.forEach((join, stream) => {
      this.#joins[stream]?.restore(join);
    });
    from.stages.forEach((stage, stream) => {
      this.#stages[stream].restore(stage, isShared);
    });
  }

  /** Sets used[id] = 1 for every dictionary id that the state holds. `used` reaches to the dictionary's capacity. */
  markUsed(used: Uint8Array): void {
    this.#observed?.markUsed(used);
    for (const stage of this.#stages) for (const store of stage.stores) store.markUsed(used);
    for (const join of this.#joins) join?.markUsed(used);
  }

  /** Ids may be taken back and given to other texts: caches by id are dropped. */
  forget(): void {
    for (const stage of this.#stages) stage.forget();
    for (const join of this.#joins) join?.forget?.();
    this.#routes?.forget();
  }

  get symbols(): Symbols {
    return this.#symbols;
  }
}

/** Without the events that go on from one. */
function countFirings(emissions: readonly Emission[]): number {
  let count = 0;
  for (const { continues, spec } of emissions) if (!continues || spec.life === undefined) count++;
  return count;
}
