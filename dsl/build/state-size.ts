import {
  type AggregateSpec,
  type ColumnStorage,
  limits,
  type OperatorSpec,
  type Program,
  TENANT_COLUMN,
  TIMESTAMP_COLUMN,
} from '../../engine/index.ts';

/**
 * What a windowed operator's state costs, in bytes. The formulas are those of the engine's row store (its records are
 * fixed-size; a test holds them equal): a row and a key are shared by all operators of one store, a state is an
 * operator's own and exists only for a hot key, one with enough rows that HAVING might be true.
 */
export interface StateSize {
  /** Other operators that read the same rows. */
  readonly shared_with: readonly string[];
  readonly row_bytes: number;
  readonly key_bytes: number;
  /** A key with at most this many rows in the window is cold: HAVING cannot be true, whatever they are. */
  readonly cold_rows: number;
  /** On top of rows and key, for a hot key. 0: decided at the window's end from the rows alone. */
  readonly hot_bytes: number;
  /** How long the store keeps a row: its longest window. */
  readonly rows_kept_ms: number;
  /** The store's bounds: beyond them the key that was silent longest goes, or a key's oldest rows, counted. */
  readonly most_keys: number;
  readonly most_rows: number;
  readonly most_rows_per_key: number;
}

const bytesOfDouble = 8;
/** Ints of a row beside its columns: links, key, class, and 36 bytes of event id. */
const rowInts = 15;
/** Ints of a key beside its parts, and bytes by which it is found again. */
const keyInts = 8;
const keyIndex_bytes = 8;
/** Doubles of a state beside what decides HAVING, and bytes by which it is found. */
const stateDoubles = 4;
const stateIndex_bytes = 24;
/** Bounds beyond these are judged from the rows. */
const longestRing = 1024;
const longestDistinct = 256;

/** Doubles that decide `aggregate >= least`: the last n times, the last d distinct values with their times, ... */
function boundDoubles({ function: name }: AggregateSpec, least: number, isNumber: boolean, tumbling: boolean): number {
  const n = Math.ceil(least);
  if (name === 'count') return n > 0 && n <= longestRing ? n + 1 : 0;
  if (name === 'count_distinct') return n > 0 && n <= longestDistinct ? 2 * n : 0;
  if (name === 'max') return isNumber ? 1 : 0;
  return name === 'sum' && tumbling ? 2 : 0;
}

/** Whether two windowed operators share one row store. */
function shareRows(a: OperatorSpec, b: OperatorSpec): boolean {
  return a.window !== null && b.window !== null && a.input === b.input && String(a.key) === String(b.key);
}

/** The size of a windowed operator's state; null for a single-event operator, which keeps none. */
export function stateSizeOf(operator: OperatorSpec, program: Program): StateSize | null {
  const { window, key } = operator;
  if (window === null || key === null) return null;
  const storageOf = (column: number): ColumnStorage => {
    if (column === TIMESTAMP_COLUMN) return 'number';
    return column === TENANT_COLUMN ? 'id' : program.streams[operator.input].columns[column].storage;
  };
  const sharing = program.operators.filter((other) => shareRows(operator, other));
  const read = sharing.flatMap(({ aggregates }) => aggregates.flatMap(({ column, filter }) => [column, filter]));
  const columns = [...new Set(read)].filter((column) => column !== null && column !== TIMESTAMP_COLUMN) as number[];
  const ids = columns.filter((column) => storageOf(column) === 'id').length;
  const row = Math.ceil((2 * (1 + columns.length - ids) + rowInts + ids) / 2);
  const endSizes = sharing.flatMap(({ window: w }) =>
    w?.kind === 'tumbling' && w.decided === 'end' ? [w.size_ms] : [],
  );
  const marks = Math.ceil(new Set(endSizes).size / 32);
  const bounds = operator.bounds.map(({ aggregate, least }) => {
    const spec = operator.aggregates[aggregate];
    const isNumber = spec.column !== null && storageOf(spec.column) === 'number';
    return boundDoubles(spec, least, isNumber, window.kind === 'tumbling');
  });
  const isCount = ({ aggregate }: { aggregate: number }): boolean =>
    ['count', 'count_distinct'].includes(operator.aggregates[aggregate].function);
  const least_rows = Math.max(1, ...operator.bounds.filter(isCount).map(({ least }) => Math.ceil(least)));
  const decidedAtEnd = window.kind === 'tumbling' && window.decided === 'end';
  const payload = bounds.reduce((sum, doubles) => sum + doubles, stateDoubles);
  return {
    shared_with: sharing.filter((other) => other !== operator).map(({ name }) => name),
    row_bytes: row * bytesOfDouble,
    key_bytes: (key.length + Math.ceil((keyInts + marks) / 2)) * bytesOfDouble + keyIndex_bytes,
    cold_rows: least_rows - 1,
    hot_bytes: decidedAtEnd ? 0 : payload * bytesOfDouble + stateIndex_bytes,
    rows_kept_ms: Math.max(...sharing.map(({ window: w }) => w?.size_ms ?? 0)),
    most_keys: limits.key_groups * limits.keys_per_group,
    most_rows: limits.key_groups * limits.rows_per_group,
    most_rows_per_key: limits.rows_per_key,
  };
}
