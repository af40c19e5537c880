import { parseTimestamp } from '../../engine/index.ts';
import { InvalidArgumentError } from './command.ts';

const units_ms: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/**
 * A time given to an option, read as the timestamps of events are (ISO 8601 with a zone, or epoch milliseconds); and a
 * date, which is its midnight UTC; and, where now is given, a span of time before it: 7d, 12h, 30m.
 * @throws InvalidArgumentError that says how a time is written.
 */
export function parseTime(text: string, now_ms?: number): number {
  const [, count, unit] = /^(\d{1,6})([dhms])$/.exec(text) ?? [];
  if (unit !== undefined && now_ms !== undefined) return now_ms - Number(count) * (units_ms[unit] as number);
  const dated = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const time_ms = parseTimestamp(/^\d{11,14}$/.test(text) ? Number(text) : dated);
  if (time_ms !== null) return time_ms;
  if (parseTimestamp(`${text}Z`) !== null) {
    throw new InvalidArgumentError('A time needs a zone: 2026-03-30T15:00:00Z or 2026-03-30T17:00:00+02:00.');
  }
  const forms = ['2026-03-30T15:00:00Z (or with +02:00)', '2026-03-30 (its midnight UTC)', 'epoch milliseconds'];
  const ago = now_ms === undefined ? [] : ['how long ago: 7d, 12h, 30m, 45s'];
  throw new InvalidArgumentError(`A time is ${[...forms, ...ago].join(', or ')}.`);
}
