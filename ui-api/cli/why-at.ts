import { usageError } from './exit.ts';
import type { TimeZone } from './units.ts';

/** What `--at` says: an id or a key, and a time as it was written. */
export interface AskedAt {
  readonly subject: string;
  readonly time: AskedTime | null;
}

/** A time or a time of day: its last millisecond, and how many before that are meant too (`09:13` is the whole minute). */
export type AskedTime =
  | { readonly kind: 'at'; readonly time_ms: number; readonly span_ms: number }
  | { readonly kind: 'clock'; readonly to_ms: number; readonly span_ms: number };

const day_ms = 86_400_000;

/**
 * `KEY@TIME`, where what stands behind the last @ is a time; else all of it is a key or an id (a mail address is one).
 * @throws CliError (usage) for what is written like a time and is none, such as 25:00
 */
export function splitAt(text: string, parse: (text: string) => number): AskedAt {
  const place = text.lastIndexOf('@');
  const time = place < 0 ? null : timeOf(text.slice(place + 1), parse);
  return time === null ? { subject: text, time } : { subject: text.slice(0, place), time };
}

function timeOf(text: string, parse: (text: string) => number): AskedTime | null {
  const clock = /^(\d\d?):(\d\d?)(?::(\d\d?))?$/.exec(text);
  if (clock !== null) {
    const [, hours, minutes, seconds] = clock;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59) {
      throw usageError(`${text} is no time of day`, 'they go from 00:00 to 23:59:59');
    }
    const from_ms = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds ?? 0) * 1000;
    const span_ms = (seconds === undefined ? 60_000 : 1000) - 1;
    return { kind: 'clock', to_ms: from_ms + span_ms, span_ms };
  }
  try {
    const span_ms = spanOf(text);
    return { kind: 'at', time_ms: parse(text) + span_ms, span_ms };
  } catch {
    if (/^\d{4}-\d\d?-\d\d?/.test(text))
      throw usageError(`${text} is no time`, 'write 2026-03-30T15:00:00Z, or a time of day');
    return null;
  }
}

/** Of a time that is written without milliseconds its whole second or minute is meant; of a date its midnight. */
function spanOf(text: string): number {
  const time = /[T ]\d\d:\d\d(:\d\d)?(\.\d+)?/.exec(text);
  if (time === null || time[2] !== undefined) return 0;
  return (time[1] === undefined ? 60_000 : 1000) - 1;
}

/** The moment that is meant among a key's events: a time of day is that of the day on which one of them is nearest. */
export function momentOf(time: AskedTime | null, zone: TimeZone): ((times: readonly number[]) => number) | null {
  if (time === null) return null;
  if (time.kind === 'at') return () => time.time_ms;
  return (times) => {
    let best = Number.NaN;
    let distance = Number.POSITIVE_INFINITY;
    for (const event_ms of times) {
      for (const day of [-1, 0, 1]) {
        const moment = midnight(event_ms + day * day_ms, zone) + time.to_ms;
        const own = Math.abs(moment - event_ms);
        if (own < distance) [best, distance] = [moment, own];
      }
    }
    return best;
  };
}

function midnight(time_ms: number, zone: TimeZone): number {
  if (zone === 'utc') return Math.floor(time_ms / day_ms) * day_ms;
  const date = new Date(time_ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
