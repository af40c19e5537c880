import {
  ENTITY_BYTES,
  INTERVAL_BYTES,
  limits,
  OPEN_BYTES,
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
    most_keys: mostKeys(operator),
    most_rows: limits.key_groups * limits.rows_per_group,
    most_rows_per_key: limits.rows_per_key,
  };
}

/** STATE MAX is divided among the key groups. */
function mostKeys({ state_keys }: OperatorSpec): number {
  const { key_groups, keys_per_group } = limits;
  return key_groups * (state_keys === undefined ? keys_per_group : Math.floor(state_keys / key_groups));
}

/** What is kept of detections that may get further revisions, and of entities with a risk score; null without them. */
export interface LifeSize {
  readonly open_bytes: number | null;
  /** Beyond this the one that was silent longest goes (of its key group), counted. */
  readonly most_open: number;
  readonly entity_bytes: number | null;
  readonly most_entities: number;
}

export function lifeSizeOf({ life, risk }: OperatorSpec): LifeSize | null {
  if (life === undefined && risk === undefined) return null;
  return {
    open_bytes: life === undefined ? null : OPEN_BYTES,
    most_open: limits.key_groups * limits.open_detections_per_group,
    entity_bytes: risk === undefined ? null : ENTITY_BYTES,
    most_entities: limits.key_groups * limits.risk_entities_per_group,
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
