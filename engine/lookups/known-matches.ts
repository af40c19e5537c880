/** Keys whose match is remembered; then it begins again. */
const REMEMBERED_KEYS = 65_536;

/** Places of keys of one part at first, and at most: twice as many when so many were set. */
const FIRST_PLACES = 1_024;
const MOST_PLACES = 65_536;

/** No id, and no number that a key asks for often. */
const EMPTY = -0x80000000;

interface Level extends Map<number, Level | number> {}

/**
 * HOT. Matches of keys by the numbers of their parts, as they stand in columns: a thousand rules that ask one lookup about
 * one address find its match once. A key of one part that is a whole number (an id is) has a place, where the one that was
 * asked for last stands with its match: a cache line, and what is forgotten is one key and not all of them.
 */
export class KnownMatches {
  /** By the number of each part in turn; the last level holds matches. */
  #matches: Level = new Map();
  #count = 0;
  /** By place: key and match. */
  #places = new Int32Array(0);
  #set = 0;

  /** Of row i of these columns, one for each part; undefined: not known. */
  of(sources: readonly ArrayLike<number>[], i: number): number | undefined {
    const raw = sources[0][i];
    const key = raw | 0;
    if (sources.length > 1 || key !== raw || key === EMPTY) return this.#find(sources, i);
    if (this.#places.length === 0) return undefined;
    const place = this.#placeOf(key);
    return this.#places[place] === key ? this.#places[place + 1] : undefined;
  }

  #placeOf(key: number): number {
    return (key << 1) & (this.#places.length - 1);
  }

  #find(sources: readonly ArrayLike<number>[], i: number): number | undefined {
    let level: Level | number | undefined = this.#matches;
    for (let k = 0; k < sources.length && typeof level === 'object'; k++) level = level.get(sources[k][i]);
    return level as number | undefined;
  }

  set(sources: readonly ArrayLike<number>[], i: number, match: number): void {
    const raw = sources[0][i];
    const key = raw | 0;
    if (sources.length > 1 || key !== raw || key === EMPTY) {
      this.#setLevel(sources, i, match);
      return;
    }
    const places = this.#places.length >> 1;
    if (this.#set++ >= places && places < MOST_PLACES) this.#grow(Math.max(FIRST_PLACES, places * 2));
    const place = this.#placeOf(key);
    this.#places[place] = key;
    this.#places[place + 1] = match;
  }

  #grow(places: number): void {
    const old = this.#places;
    this.#places = new Int32Array(2 * places).fill(EMPTY);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === EMPTY) continue;
      const place = this.#placeOf(old[at]);
      this.#places[place] = old[at];
      this.#places[place + 1] = old[at + 1];
    }
  }

  #setLevel(sources: readonly ArrayLike<number>[], i: number, match: number): void {
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
    if (this.#count > 0) this.#matches = new Map();
    this.#count = 0;
    if (this.#set > 0) this.#places.fill(EMPTY);
    this.#set = 0;
  }
}
