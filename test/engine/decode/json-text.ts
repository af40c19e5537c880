import { type JsonValue, parseJson } from '../../../engine/decode/json-parser.ts';
import type { Rejection } from '../../../engine/index.ts';

const encoder = new TextEncoder();

/** UTF-8 of a text, for tests that write records as texts. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** What the parser says of a text. */
export function parse(text: string): JsonValue | Rejection {
  const { value, rejection } = parseJson(utf8(text));
  return rejection ?? value;
}

/** Plain objects for Maps, so that a tree can be compared with what JSON.parse gives. Bigints become numbers. */
export function plain(value: JsonValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const object: Record<string, unknown> = {};
  for (const [key, inner] of value) {
    // As JSON.parse does, also for the key __proto__, which an assignment would take for the prototype.
    Object.defineProperty(object, key, { value: plain(inner), enumerable: true, writable: true, configurable: true });
  }
  return object;
}
