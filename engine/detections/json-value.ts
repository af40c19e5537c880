import type { Value, ValueType } from '../value.ts';

/** A part of a published record. */
export type JsonPart = string | number | boolean | null | readonly JsonPart[] | { readonly [name: string]: JsonPart };

/** ISO 8601 in UTC with milliseconds. */
export function isoTime(time_ms: number): string {
  return new Date(time_ms).toISOString();
}

/** A value as records.md writes it: times as ISO texts, integers beyond 2^53 as texts, what JSON has no number for as null. */
export function toJson(type: ValueType, value: Value): JsonPart {
  if (typeof value === 'number') return numberToJson(type, value);
  if (value === null || typeof value !== 'object') return value;
  return value.map((element) => toJson('array', element));
}

function numberToJson(type: ValueType, value: number): JsonPart {
  if (!Number.isFinite(value)) return null;
  if (type === 'timestamp') return isoTime(value);
  if (type !== 'float' && Number.isInteger(value) && !Number.isSafeInteger(value)) return BigInt(value).toString();
  return value;
}

/** Texts in titles and reasons are cut here: a hostile name is evidence, not a page of text. */
const longest = 120;

/** A value as a reader of a title or reason sees it; control characters, which could move a terminal's cursor, as spaces. */
export function toText({ type, value }: { readonly type: ValueType; readonly value: Value }): string {
  const json = toJson(type, value);
  const text = typeof json === 'string' ? json : json === null ? 'NULL' : listText(json);
  const clean = text.replace(/\p{Cc}|\p{Cf}/gu, ' ');
  const characters = clean.length > longest ? [...clean.slice(0, longest + 1)] : [];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : clean;
}

function listText(json: JsonPart): string {
  return Array.isArray(json)
    ? json.map((part) => (Array.isArray(part) ? part.join(' ') : String(part))).join(', ')
    : `${json}`;
}
