import { bounds } from './bounds.ts';

/**
 * Remembers what was made of a text (a compiled pattern, a parsed network). Holds a bounded number; the one that came
 * first goes first. Pure functions only, so that forgetting costs time and never changes a result.
 */
export class BoundedCache<T> {
  readonly #make: (text: string) => T;
  readonly #made = new Map<string, T>();

  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  get(text: string): T {
    const known = this.#made.get(text);
    if (known !== undefined || this.#made.has(text)) return known as T;
    const made = this.#make(text);
    if (this.#made.size >= bounds.cached_entries) this.#made.delete(this.#made.keys().next().value as string);
    this.#made.set(text, made);
    return made;
  }
}
