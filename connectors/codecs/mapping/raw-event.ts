import type { JsonObject, JsonValue } from '../../../engine/index.ts';

/** Reads a vendor's record by path. The first value of another type is kept as the problem; nothing throws. */
export class RawEvent {
  problem: string | null = null;
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /**
   * The text at a path such as 'actor.id'; null where it or an object on the way is absent, null, or empty. A whole
   * number is given in digits: vendors write identifiers both ways.
   */
  text(path: string): string | null {
    const value = this.#at(path);
    if (isAbsent(value)) return null;
    if (typeof value === 'string') return value;
    if (typeof value === 'bigint' || Number.isInteger(value)) return String(value);
    return this.fail(`${path}: a text was expected`);
  }

  /** The text at the first of the paths that has one. */
  first(paths: readonly string[]): string | null {
    for (const path of paths) {
      const text = this.text(path);
      if (text !== null) return text;
    }
    return null;
  }

  /** The number at a path; vendors write coordinates as numbers and as texts. */
  number(path: string): number | null {
    const value = this.#at(path);
    if (isAbsent(value)) return null;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    this.fail(`${path}: a number was expected`);
    return null;
  }

  /** The objects of the list at a path; empty where it is absent. */
  objects(path: string): JsonObject[] {
    const value = this.#at(path);
    if (isAbsent(value)) return [];
    if (Array.isArray(value) && isObjects(value)) return value;
    this.fail(`${path}: a list of objects was expected`);
    return [];
  }

  has(path: string): boolean {
    return !isAbsent(this.#at(path));
  }

  /** The value at a path as it is, for what may be a text or a number: a time. */
  value(path: string): JsonValue | null {
    return this.#at(path) ?? null;
  }

  #at(path: string): JsonValue | undefined {
    let value: JsonValue | undefined = this.#root;
    for (const part of path.split('.')) {
      if (isAbsent(value)) return undefined;
      if (!(value instanceof Map)) {
        this.fail(`${path}: an object was expected before '${part}'`);
        return undefined;
      }
      value = value.get(part);
    }
    return value;
  }

  /** Keeps the first reason why the record is no event; null, to return it in place of a value. */
  fail(problem: string): null {
    this.problem ??= problem;
    return null;
  }
}

function isObjects(list: JsonValue[]): list is JsonObject[] {
  return list.every((item) => item instanceof Map);
}

/** Vendors write what they do not have as nothing, null or an empty text. */
function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** Plain JSON of a parsed value. An integer that no double holds becomes its digits as text. */
export function toPlain(value: JsonValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, part]) => [key, toPlain(part)]));
  return value;
}

/** The JSON text of a parsed value, keys in their order, integers in all their digits. */
export function jsonText(value: JsonValue): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (!(value instanceof Map)) return JSON.stringify(value);
  return `{${[...value].map(([key, part]) => `${JSON.stringify(key)}:${jsonText(part)}`).join(',')}}`;
}
