import { type Bounds, compileBounds, noBounds } from '../operators/bounds.ts';
import { Judge } from '../operators/judge.ts';
import { type OperatorSpec, type StreamSpec, TENANT_COLUMN, type WindowSpec } from '../program.ts';
import type { ResidualTests } from '../route/residual.ts';
import type { Symbols } from '../route/symbols.ts';
import type { RowTable } from '../state/row-table.ts';

/** The hot form may be left out: the judge form evaluates every event by its rows and gives the same results. */
export type Form = 'hot' | 'judge';

/** An operator, by its index in the program and its position among the operators of its stream. */
export interface PlacedOperator {
  readonly index: number;
  readonly position: number;
  readonly spec: OperatorSpec;
}

/** A windowed operator inside a row store. */
export interface StoreOperator {
  /** Index in Program.operators. */
  readonly index: number;
  readonly spec: OperatorSpec;
  readonly size_ms: number;
  readonly decided: 'event' | 'early' | 'end';
  readonly is_view: boolean;
  /** It gives an emission at every event at which HAVING is true: a SLIDING view, and a rule with a life. */
  readonly every: boolean;
  readonly resets: boolean;
  /** Conditions that a row of the operator's classes must still pass; null where there are none. */
  readonly tests: ResidualTests | null;
  readonly bounds: Bounds;
  /** When it fires it has exactly so many rows (Bounds.exact_rows); Infinity: all rows must be collected to know. */
  readonly enough: number;
  /** Once true it stays true, and silent, until the row that decides it has left. */
  readonly sleeps: boolean;
  readonly judge: Judge;
  /** Its aggregates may be kept running where its payload does not decide HAVING. */
  readonly runs: boolean;
}

export function storeOperator(
  { index, spec }: PlacedOperator,
  tests: ResidualTests | null,
  stream: StreamSpec,
  table: RowTable,
  symbols: Symbols,
  form: Form,
): StoreOperator {
  const window = spec.window as WindowSpec;
  const placeOf = (column: number) => table.placeOf(column);
  const bounds = form === 'hot' ? compileBounds(spec, placeOf) : noBounds;
  const isSliding = window.kind === 'sliding';
  const follows = spec.life !== undefined && spec.kind === 'rule';
  const is_view = spec.kind === 'view';
  const every = follows || (is_view && isSliding);
  const resets = spec.suppress?.reset === true && isSliding;
  return {
    index,
    spec,
    size_ms: window.size_ms,
    decided: window.kind === 'sliding' ? 'event' : window.decided,
    is_view,
    every,
    resets,
    tests,
    bounds,
    // A view shows every row at which HAVING is true, of as many rows as there are.
    enough: bounds.exact_rows > 0 && !every ? bounds.exact_rows : Number.POSITIVE_INFINITY,
    sleeps: isSliding && bounds.are_exact && !every && !resets,
    judge: new Judge(spec, stream, table, symbols),
    runs: form === 'hot',
  };
}

/** Columns that the aggregates of these operators read, and what tells their events apart: what a row of their store must hold. */
export function storedColumns(operators: readonly OperatorSpec[]): number[] {
  const columns = operators.flatMap(({ aggregates, bounds, input, across }) => [
    ...aggregates.flatMap(({ column, filter }) => [column, filter].filter((c) => c !== null)),
    ...bounds.flatMap(({ reached }) => reached ?? []),
    ...(across === true && input !== 0 ? [TENANT_COLUMN] : []),
  ]);
  return [...new Set(columns)].sort((a, b) => a - b);
}
