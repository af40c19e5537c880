const mask = (bytes: number): number => (bytes === 4 ? -1 : (1 << (8 * bytes)) - 1);

/** HOT. Bytes that are compared with those of a record, four at a time. */
export class Literal {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly #words: Int32Array;
  /** Where the last word begins, that word, and which of its bits are compared. */
  readonly #lastAt: number;
  readonly #last: number;
  readonly #lastMask: number;

  /** Of at least one byte. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.length = bytes.length;
    this.#lastAt = (bytes.length - 1) & ~3;
    const padded = new DataView(new ArrayBuffer(this.#lastAt + 4));
    bytes.forEach((byte, k) => {
      padded.setUint8(k, byte);
    });
    this.#words = Int32Array.from({ length: this.#lastAt >> 2 }, (_, k) => padded.getInt32(4 * k, true));
    this.#last = padded.getInt32(this.#lastAt, true);
    this.#lastMask = mask(bytes.length - this.#lastAt);
  }

  /** Whether they stand at `at` in memory in which three bytes behind them can be read. */
  isAt(words: DataView, at: number): boolean {
    const own = this.#words;
    for (let k = 0; k < own.length; k++) if (own[k] !== words.getInt32(at + 4 * k, true)) return false;
    return (words.getInt32(at + this.#lastAt, true) & this.#lastMask) === this.#last;
  }

  equals(bytes: Uint8Array, start: number, stop: number): boolean {
    return stop - start === this.length && this.bytes.every((byte, k) => byte === bytes[start + k]);
  }
}
