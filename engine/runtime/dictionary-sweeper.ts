import type { Dictionary } from '../decode/dictionary.ts';
import type { Fold } from '../fold/fold.ts';
import type { Snapshot } from '../snapshot.ts';

/** Below this size nothing is worth a sweep. */
const FIRST_SWEEP = 1 << 16;

/**
 * Frees dictionary ids that no state refers to any more, each time the dictionary has doubled since the last sweep:
 * its size stays in proportion to what the state holds, and sweeping costs a constant per text. When it runs cannot show
 * in a result, because nothing behind the decoder depends on which id a text has.
 */
export class DictionarySweeper {
  readonly #dictionary: Dictionary;
  readonly #fold: Fold;
  readonly #markPending: (used: Uint8Array) => void;
  #next: number;

  constructor(dictionary: Dictionary, fold: Fold, markPending: (used: Uint8Array) => void, first = FIRST_SWEEP) {
    this.#dictionary = dictionary;
    this.#fold = fold;
    this.#markPending = markPending;
    this.#next = first;
  }

  /** Only between batches, while no ids are held but by the door's pending rows and the fold. */
  sweepIfGrown(): void {
    if (this.#dictionary.size < this.#next) return;
    const freed = this.#dictionary.sweep((used) => {
      this.#markPending(used);
      this.#fold.markUsed(used);
    });
    this.#fold.forget(freed);
    this.#next = Math.max(this.#next, this.#dictionary.size * 2);
  }

  snapshot(): Snapshot {
    return this.#next;
  }

  restore(snapshot: Snapshot): void {
    this.#next = snapshot as number;
  }
}
