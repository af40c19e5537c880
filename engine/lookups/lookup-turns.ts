import type { LookupTable } from './lookup-table.ts';
import type { LookupVersions } from './lookup-versions.ts';

/** HOT. Whether what some lookups hold has changed from one time to the next. */
export class LookupTurns {
  readonly #lookups: readonly LookupVersions[];
  readonly #tables: (LookupTable | null)[];
  /** Up to here they stay as they are, as far as is known; this many activations were known then. */
  #until_ms = Number.NEGATIVE_INFINITY;
  #known = -1;

  constructor(lookups: readonly LookupVersions[]) {
    this.#lookups = lookups;
    this.#tables = lookups.map(() => null);
  }

  /** Of this time against the one that was asked before; times do not fall. May say so too often. */
  turned(time_ms: number): boolean {
    let known = 0;
    for (let k = 0; k < this.#lookups.length; k++) known += this.#lookups[k].generation;
    return (time_ms >= this.#until_ms || known !== this.#known) && this.#turnTo(time_ms, known);
  }

  #turnTo(time_ms: number, known: number): boolean {
    this.#known = known;
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
}
