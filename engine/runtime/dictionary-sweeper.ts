import type { Dictionary } from '../decode/dictionary.ts';
import type { Snapshot } from '../snapshot.ts';

/** Who holds dictionary ids: marks those in use, and forgets caches by ids that may be taken back. */
export interface IdHolder {
  markUsed(used: Uint8Array): void;
  forget(): void;
}

/** When a dictionary is swept, and how fast. */
export interface SweepSteps {
  /** Below so many texts nothing is worth a sweep. */
  readonly texts: number;
  /** The same for the length of all texts together: hostile texts may be long. */
  readonly length: number;
  /** Ids that are looked at between two batches: to free one costs two cache lines. */
  readonly ids_at_once: number;
}

const usual: SweepSteps = { texts: 1 << 16, length: 1 << 25, ids_at_once: 1 << 13 };

/**
 * Frees dictionary ids that no state refers to any more, each time the dictionary has doubled since the last sweep, in
 * texts or in their length: its size stays in proportion to what the state holds, and sweeping costs a constant per text.
 * What is held is marked at once, through memory in its order (1.4 million rows in 20 ms; by the order of the rows it took
 * 240); what is not is freed a part at a time, so that a sweep of a million texts stops nobody for long. When it runs cannot
 * show in a result, because nothing behind the decoder depends on which id a text has.
 */
export class DictionarySweeper {
  readonly #dictionary: Dictionary;
  readonly #holders: readonly IdHolder[];
  readonly #markPending: (used: Uint8Array) => void;
  readonly #ids_at_once: number;
  #next: number;
  #nextLength: number;

  constructor(
    dictionary: Dictionary,
    holders: readonly IdHolder[],
    markPending: (used: Uint8Array) => void,
    steps: Partial<SweepSteps> = {},
  ) {
    const { texts, length, ids_at_once } = { ...usual, ...steps };
    this.#dictionary = dictionary;
    this.#holders = holders;
    this.#markPending = markPending;
    this.#ids_at_once = ids_at_once;
    this.#next = texts;
    this.#nextLength = length;
  }

  /** Only between batches, while no ids are held but by the door's pending rows and the holders. */
  sweepIfGrown(): void {
    const { isSweeping, size, length } = this.#dictionary;
    if (!isSweeping) {
      if (size < this.#next && length < this.#nextLength) return;
      this.#begin();
    }
    this.#goOn();
  }

  #begin(): void {
    this.#dictionary.beginSweep((used) => {
      this.#markPending(used);
      for (const holder of this.#holders) holder.markUsed(used);
    });
    for (const holder of this.#holders) holder.forget();
  }

  #goOn(): void {
    if (this.#dictionary.freeSome(this.#ids_at_once)) return;
    this.#next = Math.max(this.#next, this.#dictionary.size * 2);
    this.#nextLength = Math.max(this.#nextLength, this.#dictionary.length * 2);
  }

  snapshot(): Snapshot {
    return Float64Array.of(this.#next, this.#nextLength);
  }

  restore(snapshot: Snapshot): void {
    [this.#next, this.#nextLength] = snapshot as Float64Array;
  }
}
