import type { ValueType } from '../value.ts';
import { canonicalJson } from './canonical.ts';
import { canonicalIp } from './ip.ts';
import type { JsonValue } from './json-parser.ts';
import { parseTimestamp } from './timestamp.ts';

/**
 * What a column holds before texts become ids: a text (string, ip, array as JSON text), a number (int, float,
 * timestamp, bool as 0 and 1), or null where the value does not fit the type.
 */
export type Converted = string | number | null;

/** The value when its JSON type is that of the column's type, with nothing turned into something else. */
export function convertExactly(value: JsonValue, type: ValueType): Converted {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : null;
    case 'int':
      // Adding 0 makes 0 of -0, which would be another value to a typed array's bits.
      return typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : null;
    case 'float':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) + 0 : null;
    case 'bool':
      return typeof value === 'boolean' ? Number(value) : null;
    case 'timestamp':
      return parseTimestamp(value);
    case 'ip':
      return typeof value === 'string' ? canonicalIp(value) : null;
    case 'array':
      return Array.isArray(value) ? canonicalJson(value.map(withoutObjects)) : null;
    default:
      return null;
  }
}

/** Elements as rules can read them: an object as its JSON text, an integer beyond 2^53 as its digits (records.md). */
function withoutObjects(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutObjects);
  if (value instanceof Map) return canonicalJson(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

/** The value as `details.x::type` reads it: the language's casts (dsl/functions/conversion.ts), one per JSON type. */
export function convertByCast(value: JsonValue, type: ValueType): Converted {
  switch (type) {
    case 'string':
      return toText(value);
    case 'int':
      return toInteger(value);
    case 'float':
      return toFloat(value);
    case 'bool':
      return toBoolean(value);
    default:
      return convertExactly(value, type);
  }
}

function toText(value: JsonValue): Converted {
  if (Array.isArray(value)) return convertExactly(value, 'array');
  if (value instanceof Map) return canonicalJson(value);
  return value === null ? null : String(value);
}

function toInteger(value: JsonValue): Converted {
  let number = Number.NaN;
  if (typeof value === 'boolean') number = Number(value);
  if (typeof value === 'number') number = Math.trunc(value);
  if (typeof value === 'string' && /^[+-]?[0-9]{1,16}$/.test(value)) number = Number(value);
  return Number.isSafeInteger(number) ? number + 0 : null;
}

function toFloat(value: JsonValue): Converted {
  let number = Number.NaN;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') number = Number(value);
  const decimal = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$/;
  if (typeof value === 'string' && decimal.test(value)) number = Number(value);
  return Number.isFinite(number) ? number + 0 : null;
}

function toBoolean(value: JsonValue): Converted {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0 ? 1 : 0;
  if (typeof value !== 'string') return null;
  const text = value.toLowerCase();
  return text === 'true' ? 1 : text === 'false' ? 0 : null;
}
