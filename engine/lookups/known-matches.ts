/** Keys whose match is remembered; then it begins again. */
const REMEMBERED_KEYS = 65_536;

interface Level extends Map<number, Level | number> {}

/**
 * HOT. Matches of keys by the numbers of their parts, as they stand in columns: a thousand rules that ask one lookup about
 * one address find its match once.
 */
export class KnownMatches {
  /** By the number of each part in turn; the last level holds matches. */
  #matches: Level = new Map();
  #count = 0;

  /** Of row i of these columns, one for each part; undefined: not known. */
  of(sources: readonly ArrayLike<number>[], i: number): number | undefined {
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
  }
}
