import { BoundedCache } from './bounded-cache.ts';

/** The clock of a zone: what it shows at an instant, both as milliseconds. */
export interface Zone {
  /** Local time at the instant, as if it were UTC. */
  toLocal(instant: number): number;
}

const utc: Zone = { toLocal: (instant) => instant };

/** Reads the offset off the runtime's own zone data (ICU), rounded down to the second as it prints no finer. */
function makeZone(name: string): Zone | null {
  if (/^(utc|gmt|z)$/i.test(name)) return utc;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch {
    return null;
  }
  return {
    toLocal(instant) {
      const second = Math.floor(instant / 1000) * 1000;
      const part: Record<string, string> = Object.create(null);
      for (const { type, value } of format.formatToParts(second)) part[type] = value;
      const year = part.era.startsWith('B') ? 1 - Number(part.year) : Number(part.year);
      const local = new Date(0);
      local.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
      local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
      return local.getTime() + (instant - second);
    },
  };
}

const zones = new BoundedCache(makeZone);

/** The zone of an IANA name ('Europe/Berlin') or 'UTC'; null when there is none of that name. */
export function zoneOf(name: string): Zone | null {
  return zones.get(name);
}

/** A clock that is turned back over a beginning was set at most so long before it. */
const day_ms = 86_400_000;

/**
 * Where the period of an instant (its day, its quarter of an hour) begins by the zone's clock. `cut` takes a local time
 * down to the beginning before it. A beginning that the clock leapt over is where the leap ends. One that the clock shows
 * twice is two where its period was over before the clock was turned back (an hour that is shown twice is two hours), or
 * another one began since, else the first (a day has 25 hours also where it is midnight twice). Never earlier for a later
 * instant. The one meaning of date_trunc and of windows IN TIME ZONE.
 */
export function beginningOf(zone: Zone, instant: number, cut: (local: number) => number): number {
  const last = lastBeginning(zone, instant, cut);
  const local = zone.toLocal(last);
  const offset = local - last;
  if (zone.toLocal(last - day_ms) - (last - day_ms) <= offset) return last;
  const change = firstWhere(last - day_ms, last, (time) => zone.toLocal(time) - time === offset);
  const before = zone.toLocal(change - 1);
  const after = zone.toLocal(change);
  // Where the clock showed another beginning once more before it came to this one, that was the beginning of another period.
  const isNext = cut(after) === local || (cut(after) < after && cut(local - 1) === cut(after));
  const goesOn = cut(before) === local && cut(before + 1) === local && isNext;
  return goesOn ? toInstant(zone, local, change - 1) : last;
}

/** The last instant up to `instant` at which the zone's clock showed a beginning, or leapt over one. */
function lastBeginning(zone: Zone, instant: number, cut: (local: number) => number): number {
  const local = zone.toLocal(instant);
  const beginning = toInstant(zone, cut(local), instant);
  if (zone.toLocal(beginning) - beginning === local - instant) return beginning;
  // The clock was changed in between. Where it was turned back, it may have shown a later beginning before that.
  const change = firstWhere(beginning, instant, (time) => zone.toLocal(time) - time === local - instant);
  if (change <= beginning) return beginning;
  return Math.max(beginning, toInstant(zone, cut(zone.toLocal(change - 1)), change - 1));
}

/**
 * The instant at which the zone's clock shows `local`, near the instant `near`. Where the clock shows it twice, the
 * one with the offset that holds at `near`; where it leaps over it, the instant of the leap's end.
 */
function toInstant(zone: Zone, local: number, near: number): number {
  const first = local - (zone.toLocal(near) - near);
  const offset = zone.toLocal(first) - first;
  if (first + offset === local) return first;
  const second = local - offset;
  if (zone.toLocal(second) === local) return second;
  return firstWhere(Math.min(first, second), Math.max(first, second), (time) => zone.toLocal(time) >= local);
}

/** The first instant from `before` (of which it is not true) to `after` (of which it is) from which on it is true. */
function firstWhere(before: number, after: number, isTrue: (time: number) => boolean): number {
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle;
  }
  return high;
}
