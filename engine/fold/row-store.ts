import type { DropCounters } from '../limits.ts';
import type { Lookups } from '../lookups/lookups.ts';
import type { StreamSpec } from '../program.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import type { KeyTable } from '../state/key-table.ts';
import type { RowTable } from '../state/row-table.ts';
import type { Emission } from './emission.ts';
import type { Observed } from './observed.ts';
import type { StoreLimits } from './store-limits.ts';
import type { Form, PlacedOperator, StoreOperator } from './store-operator.ts';

/** What a store is made for: operators of one stream with one key expression, on one shard's key groups. */
export interface StoreSetting {
  readonly stream: StreamSpec;
  readonly key: readonly number[];
  readonly operators: readonly PlacedOperator[];
  readonly shard: number;
  readonly shards: number;
  readonly form: Form;
  readonly limits: StoreLimits;
  readonly lookups: Lookups;
  /** Since when tenants are known; null where no operator asks. */
  readonly observed: Observed | null;
}

/** A row store as its stage knows it: keyed-store.ts, and ../windows/window-store.ts. */
export interface RowStore {
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly operators: readonly StoreOperator[];
  /** What bounds dropped, by the bound's name. */
  readonly drops: DropCounters;
  /**
   * Folds in the `count` rows of the store that `list` names; then closes windows whose end - 1 is before `until`.
   * `reached`: the time up to which events are known; where `until` is Infinity nothing is known beyond it.
   */
  process(rows: StreamRows, list: Int32Array, count: number, until: number, reached: number, out: Emission[]): void;
  /** Rows with a NULL in the key that an operator would have read (counted on shard 0 for all). */
  nullRowsOf(local: number): number;
  readonly allocated_bytes: number;
  /** Of the states of one operator. */
  stateBytesOf(local: number): number;
  /** Bytes of a key with what is kept of it at once, and what an operator keeps more of a hot key at most. */
  bytesPerKey(local: number): { readonly key: number; readonly hot: number };
  /** Marks the dictionary ids that the store holds. */
  markUsed(used: Uint8Array): void;
  snapshot(): Snapshot;
  /** @param isShared somebody else may have the snapshot's memory */
  restore(snapshot: Snapshot, isShared: boolean): void;
}
