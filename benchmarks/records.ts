/** Bytes of a piece that is not full yet. */
const PIECE_BYTES = 16 * 1024 * 1024;

/** Events as the bytes of JSON that a source sends, in a few large pieces of memory: no object an event. */
export class Records {
  readonly count: number;
  readonly byte_count: number;
  readonly #pieces: Buffer[] = [];
  readonly #piece: Uint16Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  /** @param events objects, or texts that are JSON already @param count how many they are */
  constructor(events: Iterable<object | string>, count: number) {
    this.count = count;
    this.#piece = new Uint16Array(count);
    this.#starts = new Uint32Array(count);
    this.#ends = new Uint32Array(count);
    let [n, used, bytes] = [0, PIECE_BYTES, 0];
    for (const event of events) {
      const text = typeof event === 'string' ? event : JSON.stringify(event);
      // A unit of UTF-16 is at most three bytes.
      if (used + 3 * text.length > PIECE_BYTES) {
        this.#pieces.push(Buffer.allocUnsafeSlow(PIECE_BYTES));
        used = 0;
      }
      const piece = this.#pieces.length - 1;
      const length = (this.#pieces[piece] as Buffer).write(text, used);
      this.#piece[n] = piece;
      this.#starts[n] = used;
      this.#ends[n] = used + length;
      used += length;
      bytes += length;
      n++;
    }
    if (n !== count) throw new Error(`${n} events came where ${count} were said`);
    this.byte_count = bytes;
  }

  bytesOf(n: number): Uint8Array {
    return (this.#pieces[this.#piece[n] as number] as Buffer).subarray(this.#starts[n], this.#ends[n]);
  }
}
