/**
 * HOT. Bytes that are compared with those of a record, eight at a time, read as a double: of two doubles that are neither
 * NaN nor zero the bits are equal where they are, and ASCII makes neither (a NaN needs a byte beyond it, zero zeros).
 */
export class Literal {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** Where the last eight bytes begin; below 0: there are fewer, and those are `#short`. */
  readonly #lastAt: number;
  readonly #doubles: Float64Array;
  readonly #last: number;
  readonly #short: Uint8Array;

  /** Of at least one byte; bytes beyond ASCII and zeros are never found. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.length = bytes.length;
    this.#lastAt = bytes.length - 8;
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const isPlain = bytes.every((byte) => byte > 0 && byte < 0x80);
    const doubleAt = (at: number) => (isPlain ? words.getFloat64(at, true) : Number.NaN);
    const isLong = this.#lastAt >= 0;
    this.#doubles = Float64Array.from({ length: isLong ? (this.#lastAt + 7) >> 3 : 0 }, (_, k) => doubleAt(8 * k));
    this.#last = isLong ? doubleAt(this.#lastAt) : Number.NaN;
    this.#short = isLong || !isPlain ? new Uint8Array(0) : bytes;
  }

  /** Whether they stand at `at`. */
  isAt(words: DataView, at: number): boolean {
    if (this.#lastAt < 0) return this.#isShortAt(words, at);
    const own = this.#doubles;
    for (let k = 0; k < own.length; k++) if (own[k] !== words.getFloat64(at + 8 * k, true)) return false;
    return words.getFloat64(at + this.#lastAt, true) === this.#last;
  }

  #isShortAt(words: DataView, at: number): boolean {
    const own = this.#short;
    for (let k = 0; k < own.length; k++) if (own[k] !== words.getUint8(at + k)) return false;
    return own.length > 0;
  }

  equals(bytes: Uint8Array, start: number, stop: number): boolean {
    return stop - start === this.length && this.bytes.every((byte, k) => byte === bytes[start + k]);
  }
}
