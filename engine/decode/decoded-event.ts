/**
 * One decoded record: what the door and the reorder stage need of it. One object is reused for every record of a
 * decoder; whoever keeps something copies it.
 */
export interface DecodedEvent {
  /** Event time, epoch milliseconds. */
  timestamp: number;
  /** The producer's seq, NaN when the event has none (the door then uses the position, S2). */
  seq: number;
  /** UTF-8 bytes of the event's id; length 0 when it has none (the door then makes one from content_hash, S4). */
  id: Uint8Array;
  /** Dictionary id of tenant_id. */
  tenant: number;
  /**
   * First 16 hex digits of the sha256 of the canonical JSON without event_id (S4). Computing it costs, so it is asked
   * for: when the event has no id, and when two records of one id must be told apart (conflict).
   */
  contentHash(): string;
  /** Of the casts of `details` among the columns those that failed and gave NULL, a bit each (failed-casts.ts). */
  readonly failed_casts: Int32Array;
  /** One number per field column of the events stream: a dictionary id (0 is NULL) or the number (NaN is NULL). */
  values: Float64Array;
}
