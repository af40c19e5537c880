import { limits } from '../limits.ts';

/** The bounds of one row store, of SUPPRESS and of RISK (S14): all are per key or per key group, so that the number of shards cannot show. */
export interface StoreLimits {
  readonly key_groups: number;
  readonly keys_per_group: number;
  readonly rows_per_key: number;
  readonly running_windows: number;
  readonly running_rows: number;
  readonly first_rows: number;
  readonly rows_per_group: number;
  readonly text_bytes_per_group: number;
  /** Of policy.ts, for each rule. */
  readonly suppress_keys_per_group: number;
  /** Of open-detections.ts, for each rule. */
  readonly open_detections_per_group: number;
  /** Of risk.ts. */
  readonly risk_entities_per_group: number;
  /** Of operators/single.ts. */
  readonly array_text_units: number;
  readonly unnest_elements: number;
  /** Of observed.ts. */
  readonly expecting_tenants: number;
  /** Of windows/expected-keys.ts. */
  readonly expected_keys: number;
}

export const storeLimits: StoreLimits = {
  key_groups: limits.key_groups,
  keys_per_group: limits.keys_per_group,
  rows_per_key: limits.rows_per_key,
  running_windows: limits.running_windows,
  running_rows: limits.running_rows,
  first_rows: limits.first_rows,
  rows_per_group: limits.rows_per_group,
  text_bytes_per_group: limits.text_bytes_per_group,
  suppress_keys_per_group: limits.suppress_keys_per_group,
  open_detections_per_group: limits.open_detections_per_group,
  risk_entities_per_group: limits.risk_entities_per_group,
  array_text_units: limits.array_text_units,
  unnest_elements: limits.unnest_elements,
  expecting_tenants: limits.expecting_tenants,
  expected_keys: limits.expected_keys,
};

/** STATE MAX n KEYS: each key group keeps its part of them, however many shards there are. */
export function withStateKeys(limits: StoreLimits, state_keys: number | undefined): StoreLimits {
  if (state_keys === undefined) return limits;
  const part = Math.max(1, Math.floor(state_keys / limits.key_groups));
  return { ...limits, keys_per_group: Math.min(part, limits.keys_per_group) };
}
