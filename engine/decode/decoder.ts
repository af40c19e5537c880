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
   */
  decode(bytes: Uint8Array, latest_ms?: number): Rejection | null;
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
