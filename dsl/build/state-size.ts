import {
  INTERVAL_BYTES,
  limits,
  type OperatorSpec,
  type Program,
  type StateBytes,
  stateBytes,
} from '../../engine/index.ts';

/**
 * What a windowed operator's state costs, in bytes, and where it is bounded. The figures are the engine's own, read off
 * the tables that it would make: a row and a key are shared by all operators of one row store, a state is an operator's
 * own and exists only for a hot key, one with enough rows that HAVING might be true.
 */
export interface StateSize extends StateBytes {
  /** The store's bounds: beyond them the key that was silent longest goes, or a key's oldest rows, counted. */
  readonly most_keys: number;
  readonly most_rows: number;
  readonly most_rows_per_key: number;
}

/** The size of a windowed operator's state; null for a single-event operator, which keeps none. */
export function stateSizeOf(operator: OperatorSpec, program: Program): StateSize | null {
  const bytes = stateBytes(program, program.operators.indexOf(operator));
  if (bytes === null) return null;
  return {
    ...bytes,
    most_keys: limits.key_groups * limits.keys_per_group,
    most_rows: limits.key_groups * limits.rows_per_group,
    most_rows_per_key: limits.rows_per_key,
  };
}

/** What SUPPRESS keeps: an interval for each SUPPRESS key while it is covered. */
export interface SuppressSize {
  readonly interval_bytes: number;
  /** Beyond this the interval that ends first goes (of its key group), counted. */
  readonly most_intervals: number;
}

/** The size of what SUPPRESS keeps; null for an operator without it. */
export function suppressSizeOf(operator: OperatorSpec): SuppressSize | null {
  if (operator.suppress === null) return null;
  return { interval_bytes: INTERVAL_BYTES, most_intervals: limits.key_groups * limits.suppress_keys_per_group };
}
