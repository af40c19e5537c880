import type { Snapshot } from '../snapshot.ts';
import { KEY_MARKS, type KeyTable } from '../state/key-table.ts';

/**
 * The TUMBLING windows of one length that are decided at their end. Rows come in order, so one window of a length is
 * open at a time; a key joins its list with the key's first row in it, and at the end every key of the list is judged.
 */
export class WindowEnds {
  readonly size_ms: number;
  /** Operators of the store with this window. */
  readonly operators: readonly number[];
  /** Word and bit of the key's mark that says it is on the list. */
  readonly #word: number;
  readonly #bit: number;
  readonly #keys: KeyTable;
  #listed = new Int32Array(64);
  #count = 0;
  /** End of the open window; -Infinity when none is. */
  end = Number.NEGATIVE_INFINITY;

  constructor(size_ms: number, operators: readonly number[], index: number, keys: KeyTable) {
    this.size_ms = size_ms;
    this.operators = operators;
    this.#word = KEY_MARKS + (index >> 5);
    this.#bit = 1 << (index & 31);
    this.#keys = keys;
  }

  /** A row of the key at this time was stored; windows that ended before it are closed already. */
  note(key: number, time: number): void {
    const marks = this.#keys.get(key, this.#word);
    if ((marks & this.#bit) !== 0) return;
    this.#keys.set(key, this.#word, marks | this.#bit);
    if (this.end === Number.NEGATIVE_INFINITY) this.end = Math.floor(time / this.size_ms) * this.size_ms + this.size_ms;
    if (this.#count === this.#listed.length) {
      const grown = new Int32Array(this.#count * 2);
      grown.set(this.#listed);
      this.#listed = grown;
    }
    this.#listed[this.#count++] = key;
  }

  /** Closes the open window: hands out its keys once each, and forgets them. A key freed since has lost its mark. */
  close(judge: (key: number) => void): void {
    for (let i = 0; i < this.#count; i++) {
      const key = this.#listed[i];
      const marks = this.#keys.get(key, this.#word);
      if ((marks & this.#bit) === 0) continue;
      this.#keys.set(key, this.#word, marks & ~this.#bit);
      judge(key);
    }
    this.#count = 0;
    this.end = Number.NEGATIVE_INFINITY;
  }

  snapshot(): Snapshot {
    return { listed: this.#listed.slice(0, this.#count), end: Float64Array.of(this.end) };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { listed: Int32Array; end: Float64Array };
    this.#listed = new Int32Array(Math.max(64, from.listed.length * 2));
    this.#listed.set(from.listed);
    this.#count = from.listed.length;
    this.end = from.end[0];
  }
}
