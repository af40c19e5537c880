import type { Batch } from '../batch.ts';
import { limits as engineLimits } from '../limits.ts';
import type { Program } from '../program.ts';
import { eventRows, noRows, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { Baseline } from './baseline.ts';
import { DerivedRows } from './derived-rows.ts';
import { type Emission, inOrder, sortEmissions } from './emission.ts';
import { type Growth, growthOf } from './growth.ts';
import { Join } from './join.ts';
import type { JoinOperator } from './join-parts.ts';
import { JoinRoutes } from './join-routes.ts';
import { endIn, type Piece, piecesOf, rowsBetween, takeIn } from './pieces.ts';
import { PlainBaseline } from './plain-baseline.ts';
import { PlainJoin } from './plain-join.ts';
import { SideQuestions } from './side-questions.ts';
import { Stage, type StageOptions } from './stage.ts';
import type { TableRows } from './table-rows.ts';

/** What is on its way in a push, or a piece of one. */
interface Flow {
  /** By stream; null: none. */
  readonly rows: (StreamRows | null)[];
  /** By stream: what its views have emitted, each in order. All of them stand before it. */
  readonly emitted: Emission[][][];
  /** What rules have, each in order. */
  readonly decided: Emission[][];
}

export interface StreamsOptions extends StageOptions {
  /** null: nobody wants the rows of tables. */
  readonly tables: TableRows | null;
  /** Events of a piece; default: limits.piece_rows. It cannot show in any result. */
  readonly piece_rows?: number | undefined;
}

/** What rules emitted in a piece of a push, in total order; behind it everything before `until` is emitted. */
export interface PieceEmissions {
  readonly emissions: readonly Emission[];
  readonly until: number;
}

/**
 * The streams of a program: rows of events go in, what its rules emit comes out. Stream by stream, a view or join before
 * whatever reads it. Streams that may have many rows for one event come last, for a few events at a time: each piece
 * (pieces.ts) is to them what a push is, and what it made leaves before the next one is made.
 */
export class Streams {
  readonly #program: Program;
  /** By stream. */
  readonly stages: readonly Stage[];
  /** By stream; null where it is no join. */
  readonly #joins: readonly (JoinOperator | null)[];
  /** null: the joins' plain forms test their WHEREs themselves. */
  readonly #routes: JoinRoutes | null;
  /** By stream; null where no view makes it. */
  readonly #views: readonly (DerivedRows | null)[];
  readonly #tables: TableRows | null;
  readonly #growth: Growth;
  readonly #piece_rows: number;
  /** By operator: a rule's firings, a view's rows. */
  readonly detections: Float64Array;
  /** How many events were pushed. */
  #pushed = 0;

  constructor(program: Program, symbols: Symbols, options: StreamsOptions) {
    this.#program = program;
    const { form, limits, lookups } = options;
    this.stages = program.streams.map((_, stream) => new Stage(program, stream, symbols, options));
    this.#routes = form === 'judge' ? null : new JoinRoutes(program, symbols);
    const questions = new SideQuestions(program, symbols, lookups);
    this.#joins = program.streams.map(({ join }, stream) => {
      if (join === undefined) return null;
      const Plain = join.as_of ? PlainBaseline : PlainJoin;
      const Typed = join.as_of ? Baseline : Join;
      return this.#routes === null
        ? new Plain(program, stream, symbols, limits, lookups)
        : new Typed(program, stream, symbols, limits, { routes: this.#routes, lookups, questions });
    });
    this.#views = program.streams.map((_, stream) => DerivedRows.of(program, stream, symbols, limits.array_text_units));
    this.#tables = options.tables;
    this.#growth = growthOf(program);
    this.#piece_rows = options.piece_rows ?? engineLimits.piece_rows;
    this.detections = new Float64Array(program.operators.length);
  }

  /**
   * Takes events, all of which are of the piece `whole`; the push before it ended with the times of `before`. The caller takes
   * what comes to its end.
   */
  *push(batch: Batch, before: Pick<Piece, 'until' | 'reached'>, whole: Piece): Generator<PieceEmissions> {
    const { streams } = this.#program;
    const { isGrown, grownFrom } = this.#growth;
    const flow: Flow = { rows: streams.map(() => null), emitted: streams.map(() => []), decided: [] };
    flow.rows[0] = eventRows(batch);
    for (let stream = 0; stream < streams.length; stream++) if (!isGrown[stream]) this.#fold(flow, stream, whole);
    if (grownFrom.length === 0) yield this.#end(flow.decided, whole);
    else yield* this.#foldGrown(flow, piecesOf(batch, this.#piece_rows, before, whole));
    this.#pushed += batch.count;
  }

  #end(decided: Emission[][], piece: Piece): PieceEmissions {
    this.#tables?.give(piece);
    return { emissions: inOrder(decided), until: piece.until };
  }

  /** One stream: its rows are made, of what its views emitted or its join's sides, and all that reads it takes them. */
  #fold(flow: Flow, stream: number, { until, reached }: Piece): void {
    const { rows, emitted } = flow;
    const join = this.#joins[stream];
    if (join !== null) {
      const { left, right } = join.spec;
      rows[stream] = join.process(rows[left.stream] ?? noRows, rows[right.stream] ?? noRows, until, this.#pushed);
    }
    if (emitted[stream].length > 0) rows[stream] = this.#views[stream]?.make(inOrder(emitted[stream])) ?? null;
    const input = rows[stream] ?? noRows;
    const stage = this.stages[stream];
    this.#take(flow, stage.process(input, until, reached));
    if (this.#growth.isGrown[stream]) this.#take(flow, stage.unnest(input, 0, input.count));
    // The stage has completed the columns.
    if (this.#growth.isJoined[stream]) this.#routes?.route(stream, input);
  }

  /** The streams that may have many rows of one event, piece by piece; `flow` has the others'. */
  *#foldGrown(flow: Flow, pieces: Iterable<Piece>): Generator<PieceEmissions> {
    const { isGrown, grownFrom } = this.#growth;
    const taken = flow.rows.map(() => 0);
    const decided = [inOrder(flow.decided)];
    for (const piece of pieces) {
      const part: Flow = {
        rows: flow.rows.map(() => null),
        emitted: flow.emitted.map((runs, stream) => (isGrown[stream] ? takeIn(runs, piece) : [])),
        decided: takeIn(decided, piece),
      };
      for (const stream of grownFrom) {
        const rows = flow.rows[stream] ?? noRows;
        const from = taken[stream];
        const to = endIn(rows, from, piece);
        taken[stream] = to;
        const between = rowsBetween(rows, from, to);
        part.rows[stream] = between;
        this.#take(part, this.stages[stream].unnest(rows, from, to));
        this.#routes?.route(stream, between);
      }
      for (let stream = 0; stream < isGrown.length; stream++) if (isGrown[stream]) this.#fold(part, stream, piece);
      yield this.#end(part.decided, piece);
    }
  }

  /** Emissions go to the stream that they are rows of, or are decided. */
  #take({ emitted, decided }: Flow, emissions: readonly Emission[]): void {
    if (emissions.length === 0) return;
    for (const [operator, own] of Map.groupBy(emissions, (emission) => emission.operator)) {
      this.detections[operator] += countFirings(own);
      const { output_stream } = this.#program.operators[operator];
      sortEmissions(own);
      (output_stream < 0 ? decided : emitted[output_stream]).push(own);
      this.#tables?.add(operator, own);
    }
  }

  get joins(): readonly JoinOperator[] {
    return this.#joins.filter((join) => join !== null);
  }

  /** Elements of arrays in rows of views that limits.array_text_units left out. */
  get cut(): number {
    return this.#views.reduce((sum, view) => sum + (view?.dropped_elements ?? 0), 0);
  }

  snapshot(): Snapshot {
    return {
      pushed: this.#pushed,
      detections: this.detections.slice(),
      cut: Float64Array.from(this.#views, (view) => view?.dropped_elements ?? 0),
      joins: this.#joins.map((join) => join?.snapshot() ?? null),
      stages: this.stages.map((stage) => stage.snapshot()),
    };
  }

  /** @param isShared somebody else may have the snapshot's memory */
  restore(snapshot: Snapshot, isShared: boolean): void {
    const from = snapshot as {
      pushed: number;
      detections: Float64Array;
      cut: Float64Array;
      joins: Snapshot[];
      stages: Snapshot[];
    };
    this.#pushed = from.pushed;
    this.detections.set(from.detections);
    this.#views.forEach((view, stream) => {
      if (view !== null) view.dropped_elements = from.cut[stream];
    });
    from.joins.forEach((join, stream) => {
      this.#joins[stream]?.restore(join);
    });
    from.stages.forEach((stage, stream) => {
      this.stages[stream].restore(stage, isShared);
    });
  }

  /** Sets used[id] = 1 for every dictionary id that the state holds. */
  markUsed(used: Uint8Array): void {
    for (const stage of this.stages) for (const store of stage.stores) store.markUsed(used);
    for (const join of this.#joins) join?.markUsed(used);
  }

  /** Ids may be taken back and given to other texts: caches by id are dropped. */
  forget(): void {
    for (const stage of this.stages) stage.forget();
    for (const join of this.#joins) join?.forget?.();
    this.#routes?.forget();
  }
}

/** Without the events that go on from one. */
function countFirings(emissions: readonly Emission[]): number {
  let count = 0;
  for (const { continues, spec } of emissions) if (!continues || spec.life === undefined) count++;
  return count;
}
