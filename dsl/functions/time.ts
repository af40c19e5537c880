import type { Value } from '../../engine/index.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { beginningOf, zoneOf } from './zone.ts';

/** The range of a Date, which is the range of a timestamp. */
const greatestTimestamp_ms = 8.64e15;

/** What extract reads of a local time. Weeks begin on Monday; DOW counts from Sunday = 0, ISODOW from Monday = 1. */
const extracted: ReadonlyMap<string, (local: Date) => number> = new Map([
  ['SECOND', (local: Date) => local.getUTCSeconds()],
  ['MINUTE', (local: Date) => local.getUTCMinutes()],
  ['HOUR', (local: Date) => local.getUTCHours()],
  ['DAY', (local: Date) => local.getUTCDate()],
  ['DOW', (local: Date) => local.getUTCDay()],
  ['ISODOW', (local: Date) => local.getUTCDay() || 7],
  ['MONTH', (local: Date) => local.getUTCMonth() + 1],
  ['YEAR', (local: Date) => local.getUTCFullYear()],
]);

const millisecond_units: ReadonlyMap<string, number> = new Map([
  ['SECOND', 1_000],
  ['MINUTE', 60_000],
  ['HOUR', 3_600_000],
  ['DAY', 86_400_000],
]);

/** Monday 1970-01-05, from which weeks count. */
const firstMonday_ms = 4 * 86_400_000;
const week_ms = 7 * 86_400_000;

/** The beginning of the unit that a local time lies in, as local time. */
const truncated: ReadonlyMap<string, (local: number) => number> = new Map([
  ...[...millisecond_units].map(([unit, size]) => [unit, (local: number) => Math.floor(local / size) * size] as const),
  ['WEEK', (local: number) => Math.floor((local - firstMonday_ms) / week_ms) * week_ms + firstMonday_ms],
  ['MONTH', (local: number) => new Date(local).setUTCDate(1) - (local - Math.floor(local / 86_400_000) * 86_400_000)],
  ['YEAR', (local: number) => Math.floor(new Date(local).setUTCMonth(0, 1) / 86_400_000) * 86_400_000],
]);

function localOf(instant: number, zoneName: Value | undefined): number | null {
  const zone = zoneOf((zoneName as string | undefined) ?? 'UTC');
  return zone === null || isAtTheEdge(instant) ? null : zone.toLocal(instant);
}

/** A day less than the whole range, so that an offset cannot leave it. */
function isAtTheEdge(instant: number): boolean {
  return Math.abs(instant) > greatestTimestamp_ms - 86_400_000;
}

/** EPOCH: whole seconds since 1970, in whichever zone. */
function extract([unit, instant, zoneName]: readonly Value[]): Value {
  const name = (unit as string).toUpperCase();
  if (name === 'EPOCH') return Math.floor((instant as number) / 1_000);
  const read = extracted.get(name);
  const local = localOf(instant as number, zoneName);
  return read === undefined || local === null ? null : read(new Date(local));
}

function truncate([unit, instant, zoneName]: readonly Value[]): Value {
  const cut = truncated.get((unit as string).toUpperCase());
  const zone = zoneOf((zoneName as string | undefined) ?? 'UTC');
  if (cut === undefined || zone === null || isAtTheEdge(instant as number)) return null;
  return beginningOf(zone, instant as number, cut);
}

/** Checks the literal unit and zone of both functions. */
function checkWith(units: readonly string[]) {
  return ([unit, , zone]: readonly (Value | undefined)[]): string | null => {
    if (typeof unit !== 'string') return `the unit must be a literal: ${units.join(', ')}`;
    if (!units.includes(unit.toUpperCase())) return `there is no unit ${unit}; units are ${units.join(', ')}`;
    if (typeof zone !== 'string' || zoneOf(zone) !== null) return null;
    return `there is no time zone '${zone}'; write an IANA name such as 'Europe/Berlin', or 'UTC'`;
  };
}

/** Parts of a timestamp, in UTC or in a zone. Zones come from the runtime's own data (zone.ts). */
export const timeFunctions: readonly ScalarFunction[] = [
  define({
    name: 'extract',
    signature: 'extract(unit FROM timestamp [AT TIME ZONE zone])',
    group: 'time',
    parameters: ['string', 'timestamp', 'string'],
    required: 2,
    result: 'int',
    evaluate: extract,
    check: checkWith([...extracted.keys(), 'EPOCH']),
    summary: `A part of a point in time: ${[...extracted.keys()].join(', ')}, or EPOCH (seconds since 1970). DOW counts from Sunday = 0, ISODOW from Monday = 1.`,
    example: { text: "extract(HOUR FROM '2026-07-01T22:30:00Z'::timestamp AT TIME ZONE 'Europe/Berlin')", value: 0 },
  }),
  define({
    name: 'date_trunc',
    signature: 'date_trunc(unit, timestamp [, zone])',
    group: 'time',
    parameters: ['string', 'timestamp', 'string'],
    required: 2,
    result: 'timestamp',
    evaluate: truncate,
    check: checkWith([...truncated.keys()]),
    summary: `The beginning of the ${[...truncated.keys()].join(', ').toLowerCase()} that a point in time lies in; weeks begin on Monday.`,
    example: { text: "date_trunc('hour', '2026-07-01T22:30:00Z'::timestamp)", value: Date.UTC(2026, 6, 1, 22) },
  }),
];
