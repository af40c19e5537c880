import { InvalidArgumentError } from './command.ts';

/** A time given to an option: ISO 8601 with a zone (or a date, which is its midnight UTC), or epoch milliseconds. */
export function parseTime(text: string): number {
  if (/^\d{11,14}$/.test(text)) return Number(text);
  const dated = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const time_ms = Date.parse(dated);
  if (Number.isNaN(time_ms)) {
    throw new InvalidArgumentError('A time is 2026-03-30T15:00:00Z, 2026-03-30 (midnight UTC) or epoch milliseconds.');
  }
  if (!/(Z|[+-]\d\d:?\d\d)$/i.test(dated)) {
    throw new InvalidArgumentError('A time needs a zone: 2026-03-30T15:00:00Z or 2026-03-30T17:00:00+02:00.');
  }
  return time_ms;
}
