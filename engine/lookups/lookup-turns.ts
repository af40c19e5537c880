import type { LookupTable } from './lookup-table.ts';
import type { LookupVersions } from './lookup-versions.ts';

/**
 * HOT. When what some lookups hold changes, one change after the other: each is told once, at its own time, whichever rows
 * come around it (S14).
 */
export class LookupTurns {
  readonly #lookups: readonly LookupVersions[];
  /** What they hold at `told_ms`. */
  readonly #tables: (LookupTable | null)[];
  /** Up to here, inside, the changes were told. */
  told_ms = Number.NEGATIVE_INFINITY;
  /** Until then they stay as they are, as far as is known; this many activations were known then, -1: nothing was asked. */
  #until_ms = Number.NEGATIVE_INFINITY;
  #known = -1;

  constructor(lookups: readonly LookupVersions[]) {
    this.#lookups = lookups;
    this.#tables = lookups.map(() => null);
  }

  /** The time of the next change that was not told, no later than `time_ms`; Infinity: there is none. Times do not fall. */
  next(time_ms: number): number {
    if (!this.isQuiet(time_ms)) return this.#search(time_ms, this.#generations());
    if (time_ms > this.told_ms) this.told_ms = time_ms;
    return Number.POSITIVE_INFINITY;
  }

  /** Whether it is known that next() has nothing to tell up to this time. false says nothing. */
  isQuiet(time_ms: number): boolean {
    return time_ms < this.#until_ms && this.#generations() === this.#known;
  }

  /** How many activations are known. */
  #generations(): number {
    let known = 0;
    for (let k = 0; k < this.#lookups.length; k++) known += this.#lookups[k].generation;
    return known;
  }

  #search(time_ms: number, known: number): number {
    if (known !== this.#known) {
      const isFirst = this.#known < 0;
      this.#known = known;
      if (this.#turnTo(this.told_ms) && !isFirst) return this.told_ms;
    }
    while (this.#until_ms <= time_ms && this.#until_ms < Number.POSITIVE_INFINITY) {
      this.told_ms = this.#until_ms;
      if (this.#turnTo(this.told_ms)) return this.told_ms;
    }
    this.told_ms = Math.max(this.told_ms, time_ms);
    return Number.POSITIVE_INFINITY;
  }

  #turnTo(time_ms: number): boolean {
    this.#until_ms = Number.POSITIVE_INFINITY;
    let isOther = false;
    this.#lookups.forEach((lookup, k) => {
      const { table, to_ms } = lookup.at(time_ms);
      isOther ||= table !== this.#tables[k];
      this.#tables[k] = table;
      this.#until_ms = Math.min(this.#until_ms, to_ms);
    });
    return isOther;
  }

  /** Goes on from what another run had told. */
  restore(told_ms: number): void {
    this.told_ms = told_ms;
    this.#known = -1;
  }
}
