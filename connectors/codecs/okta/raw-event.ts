import type { JsonObject, JsonValue } from '../../../engine/index.ts';

/** Reads texts of a foreign event by path. The first value of another type is kept as the problem; nothing throws. */
export class RawEvent {
  problem: string | null = null;
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** The text at a path such as 'actor.id'; null where it or an object on the way is absent, null, or empty. */
  text(path: string): string | null {
    let value: JsonValue | undefined = this.#root;
    for (const part of path.split('.')) {
      if (value === undefined || value === null) return null;
      if (!(value instanceof Map)) return this.#fail(`${path}: an object was expected before '${part}'`);
      value = value.get(part);
    }
    if (value === undefined || value === null || value === '') return null;
    return typeof value === 'string' ? value : this.#fail(`${path}: a text was expected`);
  }

  #fail(problem: string): null {
    this.problem ??= problem;
    return null;
  }
}

/** Plain JSON of a parsed value. An integer that no double holds becomes its digits as text. */
export function toPlain(value: JsonValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, part]) => [key, toPlain(part)]));
  return value;
}
