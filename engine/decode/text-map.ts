/** Entries of one Map: V8's throws beyond 2^24. */
const MOST = 1 << 23;

/** Ids by texts of V8, as many as there are: in several Maps, of which the first one with room takes what is new. */
export class TextMap {
  readonly #maps: Map<string, number>[] = [new Map()];
  readonly #most: number;

  /** `most`: entries of one Map. */
  constructor(most = MOST) {
    this.#most = most;
  }

  /** The id of a text; 0: it has none. */
  get(text: string): number {
    for (let k = 0; k < this.#maps.length; k++) {
      const known = this.#maps[k].get(text);
      if (known !== undefined) return known;
    }
    return 0;
  }

  /** Takes a text in that has no id. */
  add(text: string, id: number): void {
    const map = this.#maps.find(({ size }) => size < this.#most);
    if (map === undefined) this.#maps.push(new Map([[text, id]]));
    else map.set(text, id);
  }

  delete(text: string): void {
    for (const map of this.#maps) if (map.delete(text)) return;
  }

  *[Symbol.iterator](): Generator<[text: string, id: number]> {
    for (const map of this.#maps) yield* map;
  }
}
