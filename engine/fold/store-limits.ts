import { limits } from '../limits.ts';

/** The bounds of one row store (S14): all are per key or per key group, so that the number of shards cannot show. */
export interface StoreLimits {
  readonly key_groups: number;
  readonly keys_per_group: number;
  readonly rows_per_key: number;
  readonly rows_per_group: number;
}

export const storeLimits: StoreLimits = {
  key_groups: limits.key_groups,
  keys_per_group: limits.keys_per_group,
  rows_per_key: limits.rows_per_key,
  rows_per_group: limits.rows_per_group,
};
