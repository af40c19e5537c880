import { canonicalIp, parseTimestamp, type Value, type ValueType } from '../../engine/index.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { typeWithArticle } from './types.ts';

function toText(value: Value): Value {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** A whole number in decimal digits, or a number cut towards zero (as ClickHouse's CAST does). */
function toInteger(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' && /^[+-]?[0-9]{1,16}$/.test(value) ? Number(value) : null;
}

function toFloat(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  const decimal = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$/;
  return typeof value === 'string' && decimal.test(value) ? Number(value) : null;
}

function toBoolean(value: Value): Value {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return null;
  const text = value.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
}

/** ISO 8601 in UTC with milliseconds; null outside of the range of a date. */
function printTimestamp(timestamp_ms: number): string | null {
  const date = new Date(timestamp_ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

interface Cast {
  readonly type: ValueType;
  readonly from: readonly ValueType[];
  readonly convert: (value: Value) => Value;
  readonly summary: string;
  readonly example: ScalarFunction['example'];
  readonly specialise?: ScalarFunction['specialise'];
}

function cast({ type, from, convert, summary, example, specialise }: Cast): ScalarFunction {
  return define({
    ...{ name: `cast_${type}`, signature: `x::${type}, CAST(x AS ${type})`, group: 'conversion' as const },
    ...{ parameters: ['any' as const], result: type, summary, example },
    mismatch: ([given]) =>
      given === 'null' || from.includes(given)
        ? null
        : `${typeWithArticle(given)} cannot be cast to ${type}; only ${from.join(', ')} can`,
    evaluate: ([value]) => convert(value),
    ...(specialise ? { specialise } : {}),
  });
}

/** Casts. One that fails is NULL; the checker lets only those through that can succeed. */
export const conversionFunctions: readonly ScalarFunction[] = [
  cast({
    type: 'string',
    from: ['string', 'int', 'float', 'bool', 'timestamp', 'ip', 'cidr', 'array'],
    convert: toText,
    // A timestamp is a number at run time; only its type says that it is printed as a date.
    specialise: ([type]) =>
      type === 'timestamp' ? ([value]: readonly Value[]) => printTimestamp(value as number) : null,
    summary: 'The value as text: a timestamp as ISO 8601 in UTC, an array or an object of details as JSON.',
    example: { text: '17::string', value: '17' },
  }),
  cast({
    type: 'int',
    from: ['int', 'float', 'bool', 'string', 'timestamp', 'duration'],
    convert: toInteger,
    summary: 'A whole number: a float is cut towards zero, a time is milliseconds, a text must be digits.',
    example: { text: "'17'::int", value: 17 },
  }),
  cast({
    type: 'float',
    from: ['float', 'int', 'bool', 'string', 'timestamp', 'duration'],
    convert: toFloat,
    summary: 'A number; a text must be a decimal number.',
    example: { text: "'2.5e3'::float", value: 2500 },
  }),
  cast({
    type: 'bool',
    from: ['bool', 'int', 'float', 'string'],
    convert: toBoolean,
    summary: "A truth: of a number whether it is not 0, of a text 'true' or 'false' in any case.",
    example: { text: "'TRUE'::bool", value: true },
  }),
  cast({
    type: 'timestamp',
    from: ['timestamp', 'string', 'int'],
    // The decoder's own reader: an event's timestamp and a rule's are read alike.
    convert: parseTimestamp,
    summary: 'A point in time: of an ISO 8601 text with a zone, or of milliseconds since 1970.',
    example: { text: "'1970-01-01T00:00:01+00:00'::timestamp", value: 1000 },
  }),
  cast({
    type: 'ip',
    from: ['ip', 'string'],
    convert: (value) => canonicalIp(value as string),
    summary: 'An address in its one form (RFC 5952; IPv4-mapped IPv6 as IPv4), NULL for what is none.',
    example: { text: "'2001:DB8:0:0:0:0:0:1'::ip", value: '2001:db8::1' },
  }),
];
