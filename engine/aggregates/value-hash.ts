const bytes = new DataView(new ArrayBuffer(8));

/** 32-bit hash of a number: MurmurHash3 (x86, 32 bits, seed 0) over the 8 bytes of the double; -0 is 0. */
export function numberHash(value: number): number {
  bytes.setFloat64(0, value + 0, true);
  let hash = mix(mix(0, bytes.getInt32(0, true)), bytes.getInt32(4, true)) ^ 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  let block = Math.imul(word, 0xcc9e2d51);
  block = (block << 15) | (block >>> 17);
  const mixed = hash ^ Math.imul(block, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
