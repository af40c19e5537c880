/**
 * A batch of rows of one stream in total order, as columns. This is how events travel behind the door: ids and
 * numbers in typed arrays, no object per event. A batch is filled by its owner and valid until the call that received
 * it returns; whoever wants to keep a row copies it.
 */
export interface Batch {
  /** Rows in use; the arrays may be longer. */
  count: number;
  /** Event time, epoch milliseconds. Never falls within a stream. */
  time: Float64Array;
  /** The events' own timestamps where `time` was raised so that it never falls (S5, EMIT EARLY); absent: `time`. */
  stamp?: Float64Array;
  seq: Float64Array;
  /** Dictionary id of tenant_id. */
  tenant: Int32Array;
  /** Row i's event id is the UTF-8 bytes idBytes[idStart[i] .. idStart[i + 1]). */
  idStart: Int32Array;
  idBytes: Uint8Array;
  /** Where the row came from, for provenance: source partition number and position in it. */
  partition: Int32Array;
  position: Float64Array;
  /** One per column of the stream that is read from the event, in the order of StreamSpec.columns (see Column). */
  columns: Column[];
}

/**
 * Int32Array: dictionary ids, 0 is NULL (string, ip, array as JSON text).
 * Float64Array: numbers, NaN is NULL (int, float, timestamp; bool as 0 and 1).
 */
export type Column = Int32Array | Float64Array;
