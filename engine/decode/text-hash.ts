/**
 * MurmurHash3 (x86, 32 bits, seed 0; A. Appleby, public domain) over the UTF-16 code units of a text, two to a block: the
 * hash of a text's content, which decides its key group (S14).
 */
export function contentHash(text: string): number {
  let hash = 0;
  const pairs = text.length & ~1;
  for (let i = 0; i < pairs; i += 2) hash = mixed(hash, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  if (text.length > pairs) hash ^= scrambled(text.charCodeAt(pairs));
  return finished(hash, text.length);
}

/**
 * HOT. contentHash() of the text in these bytes, which are UTF-8, without making a text of them. `words` is a view of the
 * same memory, in which three bytes behind the last can be read.
 */
export function hashOfBytes(bytes: Uint8Array, words: DataView, start: number, stop: number): number {
  let hash = 0;
  let all = 0;
  let at = start;
  for (; at + 4 <= stop; at += 4) {
    const word = words.getInt32(at, true);
    all |= word;
    hash = mixed(hash, (word & 0xff) | ((word & 0xff00) << 8));
    hash = mixed(hash, ((word >>> 16) & 0xff) | ((word >>> 24) << 16));
  }
  if (at + 2 <= stop) {
    all |= bytes[at] | bytes[at + 1];
    hash = mixed(hash, bytes[at] | (bytes[at + 1] << 16));
    at += 2;
  }
  if (at < stop) {
    all |= bytes[at];
    hash ^= scrambled(bytes[at]);
  }
  return (all & 0x80808080) === 0 ? finished(hash, stop - start) : hashOfUnits(bytes, start, stop);
}

/** The same where some bytes are beyond ASCII. */
function hashOfUnits(bytes: Uint8Array, start: number, stop: number): number {
  let hash = 0;
  let units = 0;
  let before = 0;
  for (let at = start; at < stop; ) {
    const first = bytes[at];
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    let point = length === 1 ? first : first & (0x7f >> length);
    for (let k = 1; k < length; k++) point = (point << 6) | (bytes[at + k] & 0x3f);
    at += length;
    // A code point beyond 16 bits is two units.
    for (let left = point > 0xffff ? 2 : 1; left > 0; left--) {
      const unit = point <= 0xffff ? point : left === 2 ? 0xd7c0 + (point >> 10) : 0xdc00 | (point & 0x3ff);
      if ((units & 1) === 0) before = unit;
      else hash = mixed(hash, before | (unit << 16));
      units++;
    }
  }
  if ((units & 1) === 1) hash ^= scrambled(before);
  return finished(hash, units);
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function mixed(hash: number, block: number): number {
  const next = hash ^ scrambled(block);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(mixedAll: number, units: number): number {
  let hash = mixedAll ^ (units * 2);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
