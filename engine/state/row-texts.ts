/** Texts that are kept at most, each at the place that its row's number gives. */
const KEPT = 1 << 11;

/**
 * HOT. The event ids of rows that were shown lately, as texts: what fires shows its newest rows, and the next event of
 * the key shows all of them but one again. Who gives a row's number to another row must say so. Nothing is kept before
 * something is shown.
 */
export class RowTexts {
  /** By place: the row; -1: none. */
  #rows = new Int32Array(1).fill(-1);
  #texts: string[] = [''];
  #mask = 0;

  /** The text of a row; undefined: it is not kept. */
  get(row: number): string | undefined {
    const place = row & this.#mask;
    return this.#rows[place] === row ? this.#texts[place] : undefined;
  }

  set(row: number, text: string): void {
    if (this.#mask === 0) {
      this.#rows = new Int32Array(KEPT).fill(-1);
      this.#texts = new Array(KEPT).fill('');
      this.#mask = KEPT - 1;
    }
    this.#rows[row & this.#mask] = row;
    this.#texts[row & this.#mask] = text;
  }

  /** The number is another row's from now on. */
  forget(row: number): void {
    if (this.#rows[row & this.#mask] === row) this.#rows[row & this.#mask] = -1;
  }

  clear(): void {
    this.#rows.fill(-1);
  }
}
