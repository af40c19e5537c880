/** Different keys up to this many are told apart, for each rule and each table: some 20 MB. */
const most_keys = 100_000;

/** How many different keys there were, without remembering them for ever: beyond `most` it is only known to be more. */
export class KeyCount {
  readonly #most: number;
  readonly #seen = new Set<string>();
  #isMore = false;

  constructor(most = most_keys) {
    this.#most = most;
  }

  add(key: string): void {
    if (this.#seen.size < this.#most) this.#seen.add(key);
    else if (!this.#isMore) this.#isMore = !this.#seen.has(key);
  }

  /** At least so many. */
  get size(): number {
    return this.#seen.size;
  }

  /** Whether there were more than `size`. */
  get is_more(): boolean {
    return this.#isMore;
  }
}
