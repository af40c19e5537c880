import { type AggregateInput, evaluateAggregate } from '../aggregates/aggregate.ts';
import type { GroupResult, OperatorSpec, StreamSpec } from '../program.ts';
import { columnShape } from '../route/column-values.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Place, RowTable } from '../state/row-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Value } from '../value.ts';

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
