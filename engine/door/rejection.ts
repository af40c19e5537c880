import type { DoorCounters, Rejection } from '../verdict.ts';

/** All at zero. */
export function newCounters(): DoorCounters {
  return { read: 0, accepted: 0, duplicate: 0, late: 0, rejected: 0, conflict: 0, would_be_late: 0 };
}

/** A timestamp too far in the future is rejected and moves nothing (S3): one wrong clock must not make all else late. */
export function judgeAhead(timestamp_ms: number, received_at_ms: number, max_ahead_ms: number): Rejection | null {
  if (timestamp_ms <= received_at_ms + max_ahead_ms) return null;
  const times = `${iso(timestamp_ms)} is later than received_at ${iso(received_at_ms)} + MAX_AHEAD ${max_ahead_ms} ms`;
  return { reason: 'too_far_ahead', message: `timestamp ${times}: check the clock of its source` };
}

/** A time as text; the number itself where no date has it. */
function iso(time_ms: number): string {
  return Math.abs(time_ms) <= 8.64e15 ? new Date(time_ms).toISOString() : String(time_ms);
}
