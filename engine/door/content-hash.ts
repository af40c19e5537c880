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

/**
 * HOT. 32 bits of a record's bytes: whether a duplicate repeats its content. Records are hundreds of bytes long, so four
 * independent chains keep the processor busy. Records that come together mostly lie in one piece of memory: its view is
 * made once, because a view for each record cost as much as the hash.
 */
export class RecordHash {
  #words: DataView = new DataView(new ArrayBuffer(0));

  of(bytes: Uint8Array): number {
    if (this.#words.buffer !== bytes.buffer) this.#words = new DataView(bytes.buffer);
    const words = this.#words;
    const end = bytes.byteOffset + bytes.length;
    let a = bytes.length;
    let b = 1;
    let c = 2;
    let d = 3;
    let i = bytes.byteOffset;
    for (; i + 16 <= end; i += 16) {
      a = Math.imul(a ^ words.getInt32(i, true), 0xcc9e2d51);
      b = Math.imul(b ^ words.getInt32(i + 4, true), 0x1b873593);
      c = Math.imul(c ^ words.getInt32(i + 8, true), 0x85ebca6b);
      d = Math.imul(d ^ words.getInt32(i + 12, true), 0xc2b2ae35);
      a ^= a >>> 15;
      b ^= b >>> 13;
      c ^= c >>> 15;
      d ^= d >>> 13;
    }
    for (; i < end; i++) a = Math.imul(a ^ words.getUint8(i), 0x9e3779b1);
    return finish(finish(finish(finish(a) ^ b) ^ c) ^ d);
  }
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
