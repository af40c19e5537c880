import type { Symbols } from '../route/symbols.ts';

const number = new Float64Array(1);
const halves = new Int32Array(number.buffer);

/** HOT. The next hash, of the one before and a further part. */
export function mix(hash: number, part: number): number {
  const mixed = Math.imul(hash ^ part, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** HOT. One number of both halves of a float; -0 and 0 differ. */
export function hashNumber(value: number): number {
  number[0] = value;
  return Math.imul(halves[0] ^ Math.imul(halves[1], 0x85ebca6b), 0xc2b2ae35);
}

/** HOT. Both halves of a float, one after the other: as many places as there are floats. */
export function mixHalves(hash: number, value: number): number {
  number[0] = value;
  return mix(mix(hash, halves[0]), halves[1]);
}

/**
 * HOT. The same for a table that has turned to another salt: both halves twice, with the salt between, so that floats
 * that have one hash under two salts can only be found by trying.
 */
export function mixSalted(hash: number, value: number, salt: number): number {
  return mixHalves(mix(mixHalves(mix(hash, salt), value), salt), value);
}

/** The hash of a key's content, the same in every run: parts are numbers, or the ids of texts. None of them is NULL. */
export function contentHash(
  symbols: Symbols,
  tenant: number,
  parts: ArrayLike<number>,
  isId: readonly boolean[],
): number {
  let hash = mix(0, symbols.hashOf(tenant));
  for (let k = 0; k < parts.length; k++) {
    // Adding 0 makes -0 and 0 one key.
    hash = mix(hash, isId[k] ? symbols.hashOf(parts[k]) : hashNumber(parts[k] + 0));
  }
  return hash;
}

/** The key group of a content hash: its upper bits. Groups are a power of two, at most 256. */
export function groupOf(hash: number, groups: number): number {
  return (hash >>> 24) & (groups - 1);
}
