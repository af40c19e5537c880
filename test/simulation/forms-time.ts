import type { Form } from './forms.ts';
import { beginningAt, localAt } from './zone-clock.ts';

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

/** What a unit is called in extract, and what it reads of a local time. */
const extracts: Record<string, (local: Date) => number> = {
  SECOND: (local) => local.getUTCSeconds(),
  MINUTE: (local) => local.getUTCMinutes(),
  HOUR: (local) => local.getUTCHours(),
  DAY: (local) => local.getUTCDate(),
  DOW: (local) => local.getUTCDay(),
  ISODOW: (local) => (local.getUTCDay() === 0 ? 7 : local.getUTCDay()),
  MONTH: (local) => local.getUTCMonth() + 1,
  YEAR: (local) => local.getUTCFullYear(),
};

/** Units by the zone's clock, shorter ones of it than quarters of an hour begin as in UTC. Mondays are four days off. */
const truncated: Record<string, (instant: number, zone: string) => number> = {
  second: (instant) => Math.floor(instant / 1_000) * 1_000,
  minute: (instant) => Math.floor(instant / 60_000) * 60_000,
  hour: (instant, zone) => beginningAt(zone, instant, hour_ms, 0),
  day: (instant, zone) => beginningAt(zone, instant, day_ms, 0),
  week: (instant, zone) => beginningAt(zone, instant, 7 * day_ms, 4 * day_ms),
};

const inUtc = (instant: number, months: 1 | 12) => {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), months === 1 ? date.getUTCMonth() : 0);
};

/** A time with a zone as RFC 3339 has it, in which T and Z may be small. */
function timeOf(text: string): number | null {
  const time = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;
  return time.test(text) ? Date.parse(text.toUpperCase()) : null;
}

const extract = (unit: string): [string, Form] => [
  `extract_${unit}`,
  {
    takes: ['timestamp', 'zone'],
    gives: 'int',
    sql: (a, zone) => `extract(${unit} FROM ${a} AT TIME ZONE ${zone})`,
    means: (instant: number, zone: string) => extracts[unit]?.(new Date(localAt(zone, instant))) ?? null,
  },
];

const trunc = (unit: string): [string, Form] => [
  `trunc_${unit}`,
  {
    takes: ['timestamp', 'zone'],
    gives: 'timestamp',
    sql: (a, zone) => `date_trunc('${unit}', ${a}, ${zone})`,
    means: (instant: number, zone: string) => truncated[unit]?.(instant, zone) ?? null,
  },
];

/** Times, durations, and the parts of times in UTC and in zones. */
export const timeForms: Record<string, Form> = {
  ...Object.fromEntries(Object.keys(extracts).map(extract)),
  ...Object.fromEntries(Object.keys(truncated).map(trunc)),
  epoch: {
    takes: ['timestamp'],
    gives: 'int',
    sql: (a) => `extract(EPOCH FROM ${a})`,
    means: (instant: number) => Math.floor(instant / 1_000),
  },
  month: {
    takes: ['timestamp'],
    gives: 'timestamp',
    sql: (a) => `date_trunc('MONTH', ${a})`,
    means: (instant: number) => inUtc(instant, 1),
  },
  year: {
    takes: ['timestamp'],
    gives: 'timestamp',
    sql: (a) => `date_trunc('year', ${a}, 'UTC')`,
    means: (instant: number) => inUtc(instant, 12),
  },
  later: {
    takes: ['timestamp', 'duration'],
    gives: 'timestamp',
    sql: (a, b) => `(${a} + ${b})`,
    means: (a: number, b: number) => a + b,
  },
  earlier: {
    takes: ['timestamp', 'duration'],
    gives: 'timestamp',
    sql: (a, b) => `(${a} - ${b})`,
    means: (a: number, b: number) => a - b,
  },
  between_times: {
    takes: ['timestamp', 'timestamp'],
    gives: 'duration',
    sql: (a, b) => `(${a} - ${b})`,
    means: (a: number, b: number) => a - b,
  },
  longer: {
    takes: ['duration', 'duration'],
    gives: 'bool',
    sql: (a, b) => `(${a} > ${b})`,
    means: (a: number, b: number) => a > b,
  },
  before: {
    takes: ['timestamp', 'timestamp'],
    gives: 'bool',
    sql: (a, b) => `(${a} < ${b})`,
    means: (a: number, b: number) => a < b,
  },
  seconds: {
    takes: ['few'],
    gives: 'duration',
    sql: (n) => `${n} SECONDS`,
    means: (n: number) => n * 1_000,
  },
  times: {
    takes: ['duration', 'few'],
    gives: 'duration',
    sql: (a, n) => `(${a} * ${n})`,
    means: (a: number, n: number) => a * n,
  },
  duration_int: { takes: ['duration'], gives: 'int', sql: (a) => `(${a})::int`, means: (a: number) => a },
  time_int: { takes: ['timestamp'], gives: 'int', sql: (a) => `(${a})::int`, means: (a: number) => a },
  time_text: {
    takes: ['timestamp'],
    gives: 'string',
    sql: (a) => `(${a})::string`,
    means: (a: number) => new Date(a).toISOString(),
  },
  text_time: { takes: ['string'], gives: 'timestamp', sql: (a) => `CAST(${a} AS timestamp)`, means: timeOf },
};
