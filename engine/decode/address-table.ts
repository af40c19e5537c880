/** Ints of a slot: the id (0: empty), the hash, the length, and the bytes. */
const HASH = 1;
const LENGTH = 2;
const TEXT = 3;
const SLOT = 16;
const SLOT_BITS = 4;
/** The longest address in bytes that a slot holds. */
export const LONGEST = 4 * (SLOT - TEXT);
/** Slots side by side that an address may stand in, from that of its hash on. */
const WINDOW = 8;

/**
 * HOT. A table of ids by the bytes of addresses: a slot of a cache line for each, the bytes in it. One whose slots are all
 * taken replaces the first of them, so addresses of equal hashes cost eight comparisons, however many there are.
 */
export class AddressTable {
  readonly capacity: number;
  /** Addresses that were put. */
  used = 0;
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** `capacity`: slots, a power of two. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = new Int32Array(capacity * SLOT);
    this.#mask = capacity - 1;
  }

  /** The id that was put for these bytes with this hash; 0: none is known. */
  find(words: DataView, start: number, stop: number, hash: number): number {
    const slots = this.#slots;
    const length = stop - start;
    for (let k = 0; k < WINDOW; k++) {
      const slot = ((hash + k) & this.#mask) << SLOT_BITS;
      if (slots[slot] === 0) return 0;
      if (slots[slot + HASH] === hash && slots[slot + LENGTH] === length && this.#holds(slot, words, start, stop)) {
        return slots[slot];
      }
    }
    return 0;
  }

  #holds(slot: number, words: DataView, start: number, stop: number): boolean {
    const slots = this.#slots;
    let word = slot + TEXT;
    let at = start;
    for (; at + 4 <= stop; at += 4) if (slots[word++] !== words.getInt32(at, true)) return false;
    return at === stop || slots[word] === (words.getInt32(at, true) & restOf(stop - at));
  }

  /** Remembers the id of an address of at most LONGEST bytes that find() does not know. */
  put(words: DataView, start: number, stop: number, hash: number, id: number): void {
    const slots = this.#slots;
    const slot = this.#slotFor(hash);
    slots[slot] = id;
    slots[slot + HASH] = hash;
    slots[slot + LENGTH] = stop - start;
    let word = slot + TEXT;
    let at = start;
    for (; at + 4 <= stop; at += 4) slots[word++] = words.getInt32(at, true);
    if (at < stop) slots[word] = words.getInt32(at, true) & restOf(stop - at);
  }

  /** The first empty slot of a hash, or the first of all where none is empty. */
  #slotFor(hash: number): number {
    this.used++;
    for (let k = 0; k < WINDOW; k++) {
      const slot = ((hash + k) & this.#mask) << SLOT_BITS;
      if (this.#slots[slot] === 0) return slot;
    }
    return (hash & this.#mask) << SLOT_BITS;
  }

  /** A table of so many slots with its addresses; with `used`, a byte for each id, only those of used ids. */
  copy(capacity: number, used: Uint8Array | null = null): AddressTable {
    const other = new AddressTable(capacity);
    const slots = this.#slots;
    for (let from = 0; from < slots.length; from += SLOT) {
      if (slots[from] === 0 || (used !== null && used[slots[from]] === 0)) continue;
      const to = other.#slotFor(slots[from + HASH]);
      for (let k = 0; k < SLOT; k++) other.#slots[to + k] = slots[from + k];
    }
    return other;
  }

  get allocated_bytes(): number {
    return this.#slots.byteLength;
  }
}

/** The bytes of a word that belong to a text of which one, two or three bytes are left. */
function restOf(bytes: number): number {
  return (1 << (8 * bytes)) - 1;
}
