import { mayBeUnreadable, readUnreadable } from '../decode/unreadable.ts';
import { limits } from '../limits.ts';
import type { DeadLetter, SourceRecord } from '../ports.ts';
import type { DoorCounters, Rejection } from '../verdict.ts';

/** All at zero. */
export function newCounters(): DoorCounters {
  return { read: 0, accepted: 0, duplicate: 0, late: 0, rejected: 0, conflict: 0, would_be_late: 0 };
}

/** A record of which its connector kept the beginning alone: that could read as an event, but it is not what came. */
export function judgeLength({ length, bytes }: SourceRecord): Rejection | null {
  if (length === undefined) return null;
  const most = `more than the ${limits.record_bytes} a record may have; the first ${bytes.length} are kept`;
  return { reason: 'too_large', message: `the record is ${length} bytes long, ${most}` };
}

/**
 * What a rejected record leaves: of one that a codec could not read or did not get, the bytes that it was. The letter outlives the
 * record, whose bytes may be the reader's buffer.
 */
export function letterOf(record: SourceRecord, { reason, message }: Rejection): DeadLetter {
  const { partition, position, received_at } = record;
  const unreadable = mayBeUnreadable(reason) ? readUnreadable(record.bytes) : null;
  const { bytes, length } = unreadable ?? record;
  const letter = { reason, message, partition, position, received_at, bytes: bytes.slice() };
  return length === undefined ? letter : { ...letter, length };
}

/** Whole numbers of ten digits: as seconds the years 2001 to 2286, as milliseconds spring 1970. */
const least_seconds = 1_000_000_000;
const most_seconds = 9_999_999_999;

/**
 * A timestamp too far in the future is rejected and moves nothing (S3): one wrong clock must not make all else late. So
 * is one in spring 1970 that would be no time of the future as seconds: read as milliseconds, all windows would be a
 * thousand times too long, and nobody would be told.
 */
export function judgeTime(timestamp_ms: number, received_at_ms: number, max_ahead_ms: number): Rejection | null {
  const latest_ms = received_at_ms + max_ahead_ms;
  if (timestamp_ms >= least_seconds && timestamp_ms <= most_seconds && timestamp_ms * 1000 <= latest_ms) {
    const message = `timestamp ${timestamp_ms} looks like epoch seconds; Weir reads milliseconds or ISO 8601`;
    return { reason: 'number_out_of_range', message };
  }
  if (timestamp_ms <= latest_ms) return null;
  const times = `${iso(timestamp_ms)} is later than received_at ${iso(received_at_ms)} + MAX_AHEAD ${max_ahead_ms} ms`;
  return { reason: 'too_far_ahead', message: `timestamp ${times}: check the clock of its source` };
}

/** A time as text; the number itself where no date has it. */
function iso(time_ms: number): string {
  return Math.abs(time_ms) <= 8.64e15 ? new Date(time_ms).toISOString() : String(time_ms);
}
