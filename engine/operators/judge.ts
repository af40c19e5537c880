import { type AggregateInput, evaluateAggregate } from '../aggregates/aggregate.ts';
import type { GroupResult, OperatorSpec, StreamSpec } from '../program.ts';
import { columnShape } from '../route/column-values.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Place, RowTable } from '../state/row-table.ts';
import type { Value } from '../value.ts';

/** Per row class: a bit for every operator of the store. */
export type ClassBits = readonly Uint32Array[];

/**
 * The rows of one operator and key in a window, newest first. One object is reused for every judgement: `rows` beyond
 * `count` is left from earlier ones.
 */
export class WindowRows {
  rows = new Int32Array(256);
  count = 0;

  /**
   * Collects the rows of class bits `operator` from `newest` back: at most `steps` rows, none older than `from`.
   */
  collect(table: RowTable, bits: ClassBits, operator: number, newest: number, steps: number, from: number): void {
    const word = operator >> 5;
    const bit = operator & 31;
    let row = newest;
    this.count = 0;
    for (let step = 0; step < steps; step++) {
      if (table.timeOf(row) < from) return;
      if ((bits[table.classOf(row)][word] >>> bit) & 1) this.#add(row);
      row = table.previousOf(row);
    }
  }

  #add(row: number): void {
    if (this.count === this.rows.length) {
      const grown = new Int32Array(this.count * 2);
      grown.set(this.rows);
      this.rows = grown;
    }
    this.rows[this.count++] = row;
  }
}

/**
 * The meaning of a windowed operator (design.md, "rows, not counters"): its aggregates over a key's rows in a window,
 * and whether HAVING is true of them. Always right, from the rows alone; the hot forms are held equal to it.
 */
export class Judge {
  readonly #spec: OperatorSpec;
  readonly #symbols: Symbols;
  readonly #inputs: readonly { argument: Place | null; filter: Place | null; shape: AggregateInput['shape'] }[];
  #raws = new Float64Array(256);

  constructor(spec: OperatorSpec, stream: StreamSpec, placeOf: (column: number) => Place, symbols: Symbols) {
    this.#spec = spec;
    this.#symbols = symbols;
    this.#inputs = spec.aggregates.map(({ column, filter }) => ({
      argument: column === null ? null : placeOf(column),
      filter: filter === null ? null : placeOf(filter),
      shape: column === null ? { storage: 'number', type: 'int' } : columnShape(stream, column),
    }));
  }

  /** What HAVING and the outputs see of these rows. */
  evaluate(table: RowTable, window: WindowRows, key: readonly Value[], start: number, end: number): GroupResult {
    const aggregates = this.#spec.aggregates.map((aggregate, i) => {
      const { argument, filter, shape } = this.#inputs[i];
      const count = this.#gather(table, window, argument, filter);
      return evaluateAggregate(aggregate, { raws: this.#raws, count, shape, symbols: this.#symbols });
    });
    return { key, aggregates, row: [], window_start: start, window_end: end };
  }

  isTrue(result: GroupResult): boolean {
    return this.#spec.having === null || this.#spec.having(result) === true;
  }

  /** The argument's numbers in total order, without NULLs and without the rows that FILTER excludes. */
  #gather(table: RowTable, window: WindowRows, argument: Place | null, filter: Place | null): number {
    if (this.#raws.length < window.count) this.#raws = new Float64Array(window.rows.length);
    let count = 0;
    for (let i = window.count - 1; i >= 0; i--) {
      const row = window.rows[i];
      if (filter !== null && table.rawOf(row, filter) !== 1) continue;
      let raw = 0;
      if (argument !== null) {
        raw = table.rawOf(row, argument) + 0;
        if (argument.isId ? raw === 0 : Number.isNaN(raw)) continue;
      }
      this.#raws[count++] = raw;
    }
    return count;
  }
}
