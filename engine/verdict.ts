/** The door's four verdicts (semantics.md S4). Every record read gets exactly one. */
export type Verdict = 'accepted' | 'duplicate' | 'late' | 'rejected';

/** The four counters, and what they must add up to. */
export interface DoorCounters {
  read: number;
  accepted: number;
  duplicate: number;
  late: number;
  rejected: number;
  /** Duplicates whose content differs from the event that stood (a part of `duplicate`). */
  conflict: number;
  /** Sorted sources only: accepted events that the live door would have called late. */
  would_be_late: number;
}

/** Why a record was rejected; `reason` is a fixed code, `message` says what, where and what to do. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly message: string;
}

export type RejectionReason =
  | 'too_large'
  | 'not_utf8'
  | 'not_json'
  | 'too_deep'
  | 'duplicate_key'
  | 'not_an_object'
  | 'missing_field'
  | 'wrong_type'
  | 'number_out_of_range'
  | 'too_far_ahead'
  | 'too_many_partitions'
  | 'bad_line';
