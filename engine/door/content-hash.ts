/**
 * HOT. A 64-bit hash of bytes as two 32-bit halves: what the door remembers of an id once its bytes are gone. Two
 * different ids of one horizon share it with a chance of about n * n / 2^65 (1e-5 for 16 million ids).
 * The object is reused: read `low` and `high` before the next call.
 */
export class ContentHash {
  low = 0;
  high = 0;

  /** Hashes the bytes; the seed tells tenants (or partitions) apart. The result is never (0, 0), which means empty. */
  of(bytes: Uint8Array, seed: number): void {
    const length = bytes.length;
    let low = seed ^ 0x9e3779b1;
    let high = Math.imul(seed, 0x85ebca6b) ^ length;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      const word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
      low = Math.imul(low ^ word, 0xcc9e2d51);
      low = (low << 15) | (low >>> 17);
      high = Math.imul(high ^ word, 0x1b873593);
      high = ((high << 13) | (high >>> 19)) + low;
    }
    let rest = 0;
    for (let shift = 0; i < length; i++, shift += 8) rest |= bytes[i] << shift;
    low = finish(low ^ rest ^ length);
    high = finish(high ^ Math.imul(rest, 0xc2b2ae35) ^ low);
    if (low === 0 && high === 0) high = 1;
    this.low = low;
    this.high = high;
  }
}

/** Bytes that are hashed at a time; behind a record there are as many zeros. */
const STRIDE = 16;

/**
 * HOT. 32 bits of a record's bytes: whether a duplicate repeats its content. Records are hundreds of bytes long, so four
 * independent chains keep the processor busy. They are read as aligned words of a copy: words read where the record lies,
 * through a DataView, took twice as long, the copy included (65 ns a record of 373 bytes, and 146).
 */
export class RecordHash {
  #bytes = new Uint8Array(4096);
  #words = new DataView(this.#bytes.buffer);
  #ints = new Int32Array(this.#bytes.buffer);

  of(bytes: Uint8Array): number {
    const { length } = bytes;
    if (length + STRIDE > this.#bytes.length) this.#grow(length);
    this.#bytes.set(bytes);
    this.#words.setFloat64(length, 0);
    this.#words.setFloat64(length + 8, 0);
    const ints = this.#ints;
    const end = ((length + STRIDE - 1) & -STRIDE) >> 2;
    let a = length;
    let b = 1;
    let c = 2;
    let d = 3;
    for (let i = 0; i < end; i += 4) {
      a = Math.imul(a ^ ints[i], 0xcc9e2d51);
      b = Math.imul(b ^ ints[i + 1], 0x1b873593);
      c = Math.imul(c ^ ints[i + 2], 0x85ebca6b);
      d = Math.imul(d ^ ints[i + 3], 0xc2b2ae35);
      a = (a << 15) | (a >>> 17);
      b = (b << 15) | (b >>> 17);
      c = (c << 15) | (c >>> 17);
      d = (d << 15) | (d >>> 17);
    }
    return finish(finish(finish(finish(a) ^ b) ^ c) ^ d);
  }

  #grow(length: number): void {
    this.#bytes = new Uint8Array((2 * length + STRIDE) & -STRIDE);
    this.#words = new DataView(this.#bytes.buffer);
    this.#ints = new Int32Array(this.#bytes.buffer);
  }
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
