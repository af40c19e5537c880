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

/**
 * The instant at which the zone's clock shows `local`, near the instant `near`. Where the clock shows it twice, the
 * one with the offset that holds at `near`; where it leaps over it, the instant of the leap's end.
 */
export function toInstant(zone: Zone, local: number, near: number): number {
  const first = local - (zone.toLocal(near) - near);
  const offset = zone.toLocal(first) - first;
  if (first + offset === local) return first;
  const second = local - offset;
  return zone.toLocal(second) === local ? second : Math.max(first, second);
}
