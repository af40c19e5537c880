import { evaluateAggregate } from '../aggregates/aggregate.ts';
import { runningKind } from '../aggregates/running.ts';
import type { AggregateSpec, GroupResult, OperatorSpec, StreamSpec } from '../program.ts';
import { type ColumnShape, columnShape } from '../route/column-values.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Place, RowTable } from '../state/row-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Value } from '../value.ts';

/** What an aggregate reads of a row. */
interface Input {
  readonly spec: AggregateSpec;
  readonly argument: Place | null;
  readonly filter: Place | null;
  readonly shape: ColumnShape;
  /** What it is kept by in a window whose rows come and leave; null: it cannot be. */
  readonly kept_by: ReturnType<typeof runningKind>;
}

/**
 * The meaning of a windowed operator (design.md, "rows, not counters"): its aggregates over a key's rows in a window,
 * and whether HAVING is true of them. Always right, from the rows alone; the hot forms are held equal to it.
 */
export class Judge {
  readonly symbols: Symbols;
  /** In the order of OperatorSpec.aggregates. */
  readonly inputs: readonly Input[];
  /** The place of each. */
  readonly all: readonly number[];
  /** What HAVING reads, and all aggregates, can be kept running (running-window.ts). */
  readonly canRun: boolean;
  readonly canRunAll: boolean;
  readonly #spec: OperatorSpec;
  readonly #table: RowTable;
  #raws = new Float64Array(256);

  constructor(spec: OperatorSpec, stream: StreamSpec, table: RowTable, symbols: Symbols) {
    this.#spec = spec;
    this.#table = table;
    this.symbols = symbols;
    this.inputs = spec.aggregates.map((aggregate) => {
      const { column, filter } = aggregate;
      const shape: ColumnShape = column === null ? { storage: 'number', type: 'int' } : columnShape(stream, column);
      return {
        spec: aggregate,
        argument: column === null ? null : table.placeOf(column),
        filter: filter === null ? null : table.placeOf(filter),
        shape,
        kept_by: runningKind(aggregate, shape, symbols),
      };
    });
    this.all = this.inputs.map((_, k) => k);
    this.canRun = spec.having_reads.every((k) => this.inputs[k].kept_by !== null);
    this.canRunAll = this.inputs.every(({ kept_by }) => kept_by !== null);
  }

  /** What HAVING and the outputs see of these rows. */
  evaluate(window: WindowRows, key: readonly Value[], start: number, end: number): GroupResult {
    const aggregates = this.inputs.map(({ spec }, k) => {
      const count = this.#gather(window, k);
      const value = this.valueOf(k, count);
      if (value === null && count > 0) spec.onFailure?.();
      return value;
    });
    return { key, aggregates, row: [], window_start: start, window_end: end };
  }

  isTrue(result: GroupResult): boolean {
    return this.#spec.having === null || this.#spec.having(result) === true;
  }

  /** The number of a stored row that counts for the k-th aggregate; NaN: NULL, or FILTER excludes the row. */
  rawOf(k: number, row: number): number {
    const { argument, filter } = this.inputs[k];
    if (filter !== null && this.#table.rawOf(row, filter) !== 1) return Number.NaN;
    if (argument === null) return 0;
    // Adding 0 makes -0 and 0 one value.
    const raw = this.#table.rawOf(row, argument) + 0;
    return argument.isId && raw === 0 ? Number.NaN : raw;
  }

  /** Room for at least so many numbers of one aggregate, which valueOf() reads; used again and again. */
  room(count: number): Float64Array {
    if (this.#raws.length < count) this.#raws = new Float64Array(2 * count);
    return this.#raws;
  }

  /** The k-th aggregate over the first `count` numbers in room(), which are those that count, in total order. */
  valueOf(k: number, count: number): Value {
    const { spec, shape } = this.inputs[k];
    return evaluateAggregate(spec, { raws: this.#raws, count, shape, symbols: this.symbols });
  }

  /** The k-th aggregate's numbers that count, in total order. */
  #gather(window: WindowRows, k: number): number {
    const raws = this.room(window.count);
    let count = 0;
    for (let i = window.count - 1; i >= 0; i--) {
      const raw = this.rawOf(k, window.rows[i]);
      if (!Number.isNaN(raw)) raws[count++] = raw;
    }
    return count;
  }
}
