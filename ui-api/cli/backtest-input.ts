import { parseTimestamp } from '../../engine/index.ts';
import { InvalidArgumentError } from './command.ts';

/**
 * A time given to an option, read as the timestamps of events are (ISO 8601 with a zone, or epoch milliseconds); and a
 * date, which is its midnight UTC.
 * @throws InvalidArgumentError that says how a time is written.
 */
export function parseTime(text: string): number {
  const dated = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const time_ms = parseTimestamp(/^\d{11,14}$/.test(text) ? Number(text) : dated);
  if (time_ms !== null) return time_ms;
  if (parseTimestamp(`${text}Z`) !== null) {
    throw new InvalidArgumentError('A time needs a zone: 2026-03-30T15:00:00Z or 2026-03-30T17:00:00+02:00.');
  }
  throw new InvalidArgumentError('A time is 2026-03-30T15:00:00Z, 2026-03-30 (midnight UTC) or epoch milliseconds.');
}
