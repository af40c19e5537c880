import { type Bounds, compileBounds, noBounds } from '../operators/bounds.ts';
import { Judge } from '../operators/judge.ts';
import type { OperatorSpec, StreamSpec, WindowSpec } from '../program.ts';
import type { Symbols } from '../route/symbols.ts';
import type { RowTable } from '../state/row-table.ts';

/** The hot form may be left out: the judge form evaluates every event by its rows and gives the same results. */
export type Form = 'hot' | 'judge';

/** A windowed operator inside a row store. */
export interface StoreOperator {
  /** Index in Program.operators. */
  readonly index: number;
  readonly spec: OperatorSpec;
  readonly size_ms: number;
  readonly decided: 'event' | 'early' | 'end';
  readonly is_view: boolean;
  readonly resets: boolean;
  readonly bounds: Bounds;
  readonly judge: Judge;
}

export function storeOperator(
  index: number,
  spec: OperatorSpec,
  stream: StreamSpec,
  table: RowTable,
  symbols: Symbols,
  form: Form,
): StoreOperator {
  const window = spec.window as WindowSpec;
  const placeOf = (column: number) => table.placeOf(column);
  return {
    index,
    spec,
    size_ms: window.size_ms,
    decided: window.kind === 'sliding' ? 'event' : window.decided,
    is_view: spec.kind === 'view',
    resets: spec.suppress?.reset === true && window.kind === 'sliding',
    bounds: form === 'hot' ? compileBounds(spec, placeOf) : noBounds,
    judge: new Judge(spec, stream, placeOf, symbols),
  };
}

/** Columns that the aggregates of these operators read: what a row of their store must hold. */
export function storedColumns(operators: readonly OperatorSpec[]): number[] {
  const columns = operators.flatMap((operator) =>
    operator.aggregates.flatMap(({ column, filter }) => [column, filter].filter((c) => c !== null)),
  );
  return [...new Set(columns)].sort((a, b) => a - b);
}

/** The first millisecond that some window still reaches from this time on: rows before it can go. */
export class Horizon {
  readonly #sliding_ms: number;
  readonly #tumbling: readonly number[];
  #from = Number.NEGATIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;

  constructor(operators: readonly OperatorSpec[]) {
    const windows = operators.map((operator) => operator.window as WindowSpec);
    const sizes = (kind: WindowSpec['kind']) => windows.filter((w) => w.kind === kind).map((w) => w.size_ms);
    this.#sliding_ms = Math.max(Number.NEGATIVE_INFINITY, ...sizes('sliding'));
    this.#tumbling = [...new Set(sizes('tumbling'))];
  }

  from(time: number): number {
    // A window's end moves only at its multiples: between them the earliest open start stays what it was.
    if (time >= this.#until) {
      const starts = this.#tumbling.map((size) => Math.floor(time / size) * size);
      this.#from = Math.min(Number.POSITIVE_INFINITY, ...starts);
      this.#until = Math.min(Number.POSITIVE_INFINITY, ...starts.map((start, i) => start + this.#tumbling[i]));
    }
    return Math.min(this.#from, time - this.#sliding_ms);
  }
}
