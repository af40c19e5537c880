import type { EventField } from '../event-schema.ts';
import type { Rejection } from '../verdict.ts';
import type { JsonValue } from './json-parser.ts';
import { shorten, shortText } from './printable.ts';
import { lacksOnlyZone } from './timestamp.ts';

type FieldType = EventField['type'];

const expectations: Readonly<Record<FieldType, string>> = {
  string: 'a text',
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  timestamp: 'a time as ISO 8601 with a zone (2026-03-01T10:15:00Z) or as epoch milliseconds',
  ip: 'an IPv4 or IPv6 address',
  array: 'an array',
};

/** Types of which not every whole number is one. */
const ranges: ReadonlyMap<FieldType, string> = new Map([
  ['int', 'a whole number whose size is below 2^53'],
  ['timestamp', 'a time in the years 0001 to 9999, in milliseconds since 1970'],
]);

/** The rejection of a field whose value is not of its type: the field, what was found, what is expected, a hint. */
export function wrongType(name: string, value: JsonValue, type: FieldType): Rejection {
  const range = ranges.get(type);
  if (range !== undefined && (typeof value === 'bigint' || Number.isInteger(value))) {
    const unit = type === 'timestamp' ? epochHint(String(value)) : '';
    return { reason: 'number_out_of_range', message: `${name}: found ${describe(value)}, expected ${range}${unit}` };
  }
  return mismatch(name, value, `${expectations[type]}${hint(value, type)}`);
}

/** The rejection of a value that is of another kind than `expected` says. */
export function mismatch(name: string, value: JsonValue, expected: string): Rejection {
  return { reason: 'wrong_type', message: `${name}: found ${describe(value)}, expected ${expected}` };
}

function hint(value: JsonValue, type: FieldType): string {
  if (type === 'string' && (typeof value === 'number' || typeof value === 'bigint')) return '; put it in quotes';
  if (type === 'timestamp' && (typeof value === 'number' || typeof value === 'string')) {
    const unit = epochHint(String(value));
    if (unit !== '') return unit;
  }
  if (typeof value !== 'string') return '';
  if ((type === 'int' || type === 'float') && /^-?[0-9]/.test(value)) return '; write it without quotes';
  if (type === 'timestamp' && lacksOnlyZone(value)) return '; it has no zone: add Z for UTC, or +01:00';
  return '';
}

/** How many digits a time of these decades has in the units in which clocks count. */
const epochUnits: ReadonlyMap<number, string> = new Map([
  [10, 'seconds'],
  [16, 'microseconds'],
  [19, 'nanoseconds'],
]);

/** A time in another unit, or milliseconds in quotes: what people send most often besides what is read. */
function epochHint(text: string): string {
  const [, whole = '', fraction] = /^([0-9]{10,19})(\.[0-9]+)?$/.exec(text) ?? [];
  if (whole.length === 13 && fraction === undefined) return '; write it without quotes';
  const unit = epochUnits.get(whole.length);
  return unit === undefined ? '' : `; it looks like epoch ${unit}; Weir reads milliseconds or ISO 8601`;
}

/** A value of the record, short enough for one line. */
export function describe(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `the text ${shortText(value)}`;
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  return `the number ${shorten(String(value), 40)}`;
}
