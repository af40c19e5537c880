import { compareText } from '../value.ts';
import type { JsonObject, JsonValue } from './json-parser.ts';
import { sha256Hex } from './sha256.ts';
import { encodeUtf8 } from './utf8.ts';

/**
 * The one text of a JSON value (semantics.md S4): keys sorted by code point, no space, numbers as JavaScript prints
 * them, integers beyond 2^53 in all their digits, strings with the escapes of JSON.stringify and no others.
 */
export function canonicalJson(value: JsonValue): string {
  if (value instanceof Map) return canonicalObject(value, null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

/** The first 16 hex digits of the sha256 of the event's canonical JSON without its event_id (S4). */
export function eventContentHash(event: JsonObject): string {
  return sha256Hex(encodeUtf8(canonicalObject(event, 'event_id'))).slice(0, 16);
}

function canonicalObject(object: JsonObject, left_out: string | null): string {
  const keys = [...object.keys()].filter((key) => key !== left_out).sort(compareText);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(object.get(key) as JsonValue)}`).join(',')}}`;
}
