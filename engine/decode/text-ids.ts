import type { ByteScanner } from './byte-scanner.ts';
import type { Dictionary } from './dictionary.ts';

/** Ints of a slot: the id (0: empty), the hash, the length and what kind of text it is, and the bytes. */
const HASH = 1;
const META = 2;
const TEXT = 3;
const SLOT = 16;
const SLOT_BITS = 4;
const LONGEST = 4 * (SLOT - TEXT);
const FIRST_SLOTS = 1 << 10;
const MOST_SLOTS = 1 << 19;

/**
 * HOT. Dictionary ids by the bytes that a record writes a text in: in front of the dictionary, which knows texts, so
 * that a text that comes again is neither made nor hashed as one. A slot of a cache line for each hash, the bytes in it;
 * the newest text takes the slot, so texts of one hash cost what they cost without this. Grows with the texts up to
 * 32 MiB. `kind` tells apart what one text stands for in fields of different types.
 */
export class TextIds {
  readonly #dictionary: Dictionary;
  readonly #source: Pick<ByteScanner, 'words'>;
  #slots = new Int32Array(FIRST_SLOTS * SLOT);
  #mask = FIRST_SLOTS - 1;
  /** Texts that were put since the table grew. */
  #put = 0;
  #sweeps: number;

  /** `source`: the memory that records are read in, with four bytes behind the last. */
  constructor(dictionary: Dictionary, source: Pick<ByteScanner, 'words'>) {
    this.#dictionary = dictionary;
    this.#source = source;
    this.#sweeps = dictionary.sweeps;
  }

  /** The id of the text in these bytes; 0: not known here. */
  find(start: number, stop: number, kind: number): number {
    const length = stop - start;
    if (length > LONGEST) return 0;
    if (this.#sweeps !== this.#dictionary.sweeps) this.#clear();
    const hash = this.#hashOf(start, stop);
    const { words } = this.#source;
    const slot = (hash & this.#mask) << SLOT_BITS;
    const slots = this.#slots;
    if (slots[slot] === 0 || slots[slot + HASH] !== hash || slots[slot + META] !== ((length << 4) | kind)) return 0;
    let word = slot + TEXT;
    let at = start;
    for (; at + 4 <= stop; at += 4) if (slots[word++] !== words.getInt32(at, true)) return 0;
    if (at < stop && slots[word] !== (words.getInt32(at, true) & restOf(stop - at))) return 0;
    return slots[slot];
  }

  #hashOf(start: number, stop: number): number {
    const { words } = this.#source;
    let hash = stop - start;
    let at = start;
    for (; at + 4 <= stop; at += 4) hash = mixed(hash, words.getInt32(at, true));
    if (at < stop) hash = mixed(hash, words.getInt32(at, true) & restOf(stop - at));
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }

  /** Remembers the id of a text that find() does not know. */
  put(start: number, stop: number, kind: number, id: number): void {
    const length = stop - start;
    if (length > LONGEST) return;
    if (++this.#put > this.#mask + 1 && this.#mask + 1 < MOST_SLOTS) this.#grow();
    const { words } = this.#source;
    const slots = this.#slots;
    const hash = this.#hashOf(start, stop);
    const slot = (hash & this.#mask) << SLOT_BITS;
    slots[slot] = id;
    slots[slot + HASH] = hash;
    slots[slot + META] = (length << 4) | kind;
    let word = slot + TEXT;
    let at = start;
    for (; at + 4 <= stop; at += 4) slots[word++] = words.getInt32(at, true);
    if (at < stop) slots[word] = words.getInt32(at, true) & restOf(stop - at);
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array((this.#mask + 1) * SLOT);
    this.#put = 0;
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from] === 0) continue;
      const to = (old[from + HASH] & this.#mask) << SLOT_BITS;
      for (let k = 0; k < SLOT; k++) this.#slots[to + k] = old[from + k];
    }
  }

  /** Ids were taken back and may stand for other texts now. */
  #clear(): void {
    this.#sweeps = this.#dictionary.sweeps;
    this.#slots.fill(0);
  }

  get allocated_bytes(): number {
    return this.#slots.byteLength;
  }
}

/** A step of MurmurHash3 (A. Appleby, public domain). */
function mixed(hash: number, word: number): number {
  let block = Math.imul(word, 0xcc9e2d51);
  block = (block << 15) | (block >>> 17);
  const next = hash ^ Math.imul(block, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

/** The bytes of a word that belong to a text of which one, two or three bytes are left. */
function restOf(bytes: number): number {
  return (1 << (8 * bytes)) - 1;
}
