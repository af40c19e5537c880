/** Keys whose match is remembered; then it begins again. */
const REMEMBERED_KEYS = 65_536;

/** Keys of one part that are found without a Map: those of the last events, which many rules ask about. */
const NEAR_KEYS = 4_096;

interface Level extends Map<number, Level | number> {}

/**
 * HOT. Matches of keys by the numbers of their parts, as they stand in columns: a thousand rules that ask one lookup about
 * one address find its match once.
 */
export class KnownMatches {
  /** By the number of each part in turn; the last level holds matches. */
  #matches: Level = new Map();
  #count = 0;
  /** By the number of the only part, modulo their count: the number, and its match. Made when the first one is set. */
  #nearKeys = new Float64Array(0);
  #nearMatches = new Int32Array(0);

  /** Of row i of these columns, one for each part; undefined: not known. */
  of(sources: readonly ArrayLike<number>[], i: number): number | undefined {
    if (sources.length > 1 || this.#count === 0) return this.#find(sources, i);
    const raw = sources[0][i];
    const near = raw & (NEAR_KEYS - 1);
    if (this.#nearKeys[near] === raw) return this.#nearMatches[near];
    const match = this.#find(sources, i);
    if (match !== undefined) this.#keepNear(raw, match);
    return match;
  }

  #keepNear(raw: number, match: number): void {
    if (this.#nearKeys.length === 0) {
      this.#nearKeys = new Float64Array(NEAR_KEYS).fill(Number.NaN);
      this.#nearMatches = new Int32Array(NEAR_KEYS);
    }
    this.#nearKeys[raw & (NEAR_KEYS - 1)] = raw;
    this.#nearMatches[raw & (NEAR_KEYS - 1)] = match;
  }

  #find(sources: readonly ArrayLike<number>[], i: number): number | undefined {
    let level: Level | number | undefined = this.#matches;
    for (let k = 0; k < sources.length && typeof level === 'object'; k++) level = level.get(sources[k][i]);
    return level as number | undefined;
  }

  set(sources: readonly ArrayLike<number>[], i: number, match: number): void {
    if (this.#count >= REMEMBERED_KEYS) this.clear();
    this.#count++;
    let level = this.#matches;
    for (let k = 0; k + 1 < sources.length; k++) {
      const raw = sources[k][i];
      let next = level.get(raw) as Level | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(raw, next);
      }
      level = next;
    }
    level.set(sources[sources.length - 1][i], match);
  }

  /** Ids were taken back and may be given to other texts. */
  clear(): void {
    if (this.#count === 0) return;
    this.#matches = new Map();
    this.#count = 0;
    this.#nearKeys.fill(Number.NaN);
  }
}
