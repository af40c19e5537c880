import type { Rejection } from '../verdict.ts';
import type { DecodedEvent } from './decoded-event.ts';

/**
 * Bytes of one record in, values of the fields that the rules read out. Validity is of the whole record, whichever
 * fields the rules read (S4). The plain decoder is the specification.
 */
export interface Decoder {
  /** The event of the last call to decode() that returned null. */
  readonly event: DecodedEvent;
  /**
   * Decodes into `event` and returns null, or says why the record is rejected. Never throws. The door rejects an event
   * later than `latest_ms`: its tenant and values are not read, so that it leaves no text in the dictionary.
   * @param watcher may be told the id before texts become ids: what it reads of it is fetched meanwhile
   */
  decode(bytes: Uint8Array, latest_ms?: number, watcher?: IdWatcher): Rejection | null;
}

/** Whoever keeps something by the ids of events. */
export interface IdWatcher {
  /** The event that is being decoded has this id, and a tenant whose text has this hash. */
  onId(id: Uint8Array, tenant_hash: number): void;
}

/** Says of an event, by a few of its columns, whether any rule may read it. */
export interface EventGuard {
  /** Columns that isRead() looks at. */
  readonly first: readonly number[];
  /** Columns that may be NULL in an event that no rule reads. */
  readonly dispensable: readonly number[];
  /** @param values by column; those of `first` are there */
  isRead(values: ArrayLike<number>): boolean;
}
