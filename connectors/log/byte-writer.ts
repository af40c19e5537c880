/** Bytes that grow at the end. Numbers are little endian. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length: number;

  /** Writes into this memory from `start` on, and into larger memory of its own when that is full. */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#length = start;
  }

  #reserve(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = needed;
    return start;
  }

  byte(value: number): void {
    // In two steps: reserve() may replace the bytes, and an assignment looks its target up first.
    const start = this.#reserve(1);
    this.#bytes[start] = value;
  }

  /** Seven bits a byte, lowest first: small numbers take one byte. `value` is an integer from 0 to 2^53. */
  variable(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  float64(value: number): void {
    const start = this.#reserve(8);
    this.#view.setFloat64(start, value, true);
  }

  bytes(value: Uint8Array): void {
    const start = this.#reserve(value.length);
    this.#bytes.set(value, start);
  }

  /** What was written, as a view: valid until more is written. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Length in bytes of a number as ByteWriter.variable writes it. */
export function variableLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}
