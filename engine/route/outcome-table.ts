import type { Snapshot } from '../snapshot.ts';
import type { Truth } from '../value.ts';

/**
 * Classes of values by what a list of conditions says of them: class c holds at 1 the conditions that are true. Two
 * values of one class cannot be told apart by any of these conditions.
 */
export class OutcomeTable {
  /** Conditions, and so outcomes of a class. */
  readonly width: number;
  /** Outcome of condition k for class c at c * width + k. */
  outcomes = new Uint8Array(0);
  count = 0;
  readonly #classes = new Map<string, number>();

  constructor(width: number) {
    this.width = width;
  }

  /** The class with these outcomes; UNKNOWN is not true. */
  intern(truths: ArrayLike<Truth | number>): number {
    const outcomes = Uint8Array.from(truths, (truth) => (truth === true || truth === 1 ? 1 : 0));
    const name = outcomes.join('');
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    if ((this.count + 1) * this.width > this.outcomes.length) {
      const grown = new Uint8Array(Math.max(64, (this.count + 1) * this.width * 2));
      grown.set(this.outcomes);
      this.outcomes = grown;
    }
    this.outcomes.set(outcomes, this.count * this.width);
    this.#classes.set(name, this.count);
    return this.count++;
  }

  snapshot(): Snapshot {
    return this.outcomes.slice(0, this.count * this.width);
  }

  /** Classes get the numbers they had; those that are there already must be the first of them. */
  restore(snapshot: Snapshot): void {
    const outcomes = snapshot as Uint8Array;
    for (let at = 0; at < outcomes.length; at += this.width) this.intern(outcomes.subarray(at, at + this.width));
  }
}
