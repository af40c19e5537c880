const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const left = (x: number, n: number) => (x << n) | (x >>> (32 - n));
const right = (x: number, n: number) => (x >>> n) | (x << (32 - n));

/** The inverse of an odd number modulo 2^32, by Newton's iteration. */
export function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

/** A block of MurmurHash3: the state behind it, and the block that leads from a state to another. */
const after = (state: number, block: number) =>
  (Math.imul(left(state ^ Math.imul(left(Math.imul(block, C1), 15), C2), 13), 5) + 0xe6546b64) | 0;
const between = (state: number, target: number) => {
  const before = right(Math.imul((target - 0xe6546b64) | 0, inverse(5)), 13);
  return Math.imul(right(Math.imul(before ^ state, inverse(C2)), 15), inverse(C1));
};

/** Texts of four characters that all have one content hash: the last two undo the first two. */
export function colliding(count: number): string[] {
  const texts: string[] = [];
  const isText = (unit: number) => unit >= 0x20 && (unit < 0xd800 || unit > 0xdfff);
  for (let i = 0; texts.length < count; i++) {
    const first = [0x4e00 + (i % 20_000), 0x4e00 + Math.floor(i / 20_000)] as const;
    const block = between(after(0, first[0] | (first[1] << 16)), 12_345);
    const last = [block & 0xffff, block >>> 16] as const;
    if (last.every(isText)) texts.push(String.fromCharCode(...first, ...last));
  }
  return texts;
}
