import { limits } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * Text to a small number and back, so that nothing behind the decoder compares or hashes strings. Id 0 is NULL. Ids
 * that nothing refers to any more are freed by sweep() and given again: a million hostile addresses go as they came.
 */
export class Dictionary {
  /** The first one with room takes what is new: V8's Map throws beyond 2^24 entries. */
  readonly #tables: Map<string, number>[] = [new Map()];
  readonly #most: number;
  /** By id; '' stands at 0 and at freed ids too, so that a snapshot is a plain copy. */
  #texts: string[] = [''];
  /** Content hashes in segments of 2^16, so that growing never copies. */
  #hashes: Int32Array[] = [new Int32Array(segment_size)];
  #free: number[] = [];
  /** Of all texts together, in UTF-16 units. */
  #length = 0;
  /** Of all texts together, as V8 keeps them. */
  #text_bytes = 0;
  /** Bytes of those that take more than limits.long_text_bytes, by id; null: none in a segment of ids. */
  readonly #long: (Int32Array | null)[] = [null];
  #longs = 0;
  /** How often ids were taken back. */
  sweeps = 0;
  readonly #watchers: ((used: Uint8Array) => void)[] = [];

  /** `most`: entries of one table. */
  constructor(most = 1 << 23) {
    this.#most = most;
  }

  /** How many texts it holds. */
  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.size, 0);
  }

  /** How long its texts are together, in UTF-16 units: few long texts weigh as much as many short ones. */
  get length(): number {
    return this.#length;
  }

  /** Of the texts, and of the tables in which they stand, as V8 lays them out: an estimate, near to what it takes. */
  get allocated_bytes(): number {
    const tables = this.#tables.reduce((sum, { size }) => sum + ENTRY_BYTES * 2 ** Math.ceil(Math.log2(size + 4)), 0);
    const segments = this.#hashes.length + this.#long.filter((segment) => segment !== null).length;
    const hashes = segments * 4 * segment_size;
    return this.#text_bytes + tables + hashes + PLACE_BYTES * (this.#texts.length + this.#free.length);
  }

  /** Whether any text takes more than limits.long_text_bytes. */
  get hasLong(): boolean {
    return this.#longs > 0;
  }

  /** What the text of an id takes, in bytes; 0 for one that takes no more than limits.long_text_bytes. */
  longBytesOf(id: number): number {
    const segment = this.#long[id >>> segment_bits];
    return segment === null ? 0 : segment[id & segment_mask];
  }

  /** The greatest id ever given, plus one: arrays indexed by id need this many places. */
  get capacity(): number {
    return this.#texts.length;
  }

  /** The text's id, given now if it is new. Greater than 0. */
  idOf(text: string): number {
    return this.find(text) || this.#insert(text);
  }

  /** The text's id, or 0 when it is unknown. */
  find(text: string): number {
    for (let k = 0; k < this.#tables.length; k++) {
      const known = this.#tables[k].get(text);
      if (known !== undefined) return known;
    }
    return 0;
  }

  /** The text of an id that was given and not freed. */
  textOf(id: number): string {
    const text = this.#texts[id];
    if (text !== undefined && (text !== '' || (id > 0 && this.find('') === id))) return text;
    throw new Error(`dictionary: id ${id} is not in use`);
  }

  /** 32-bit hash of the text's content: the same on every machine, after every restart, in every order of insertion. */
  hashOf(id: number): number {
    return this.#hashes[id >>> segment_bits][id & segment_mask];
  }

  #insert(given: string): number {
    const text = withoutParent(given);
    const id = this.#free.pop() ?? this.#texts.length;
    this.#texts[id] = text;
    this.#place(id, text);
    return id;
  }

  #place(id: number, text: string): void {
    const table = this.#tables.find(({ size }) => size < this.#most);
    if (table === undefined) this.#tables.push(new Map([[text, id]]));
    else table.set(text, id);
    this.#length += text.length;
    const bytes = textBytes(text);
    this.#text_bytes += HEADER_BYTES + bytes;
    while (id >>> segment_bits >= this.#hashes.length) {
      this.#hashes.push(new Int32Array(segment_size));
      this.#long.push(null);
    }
    if (bytes > limits.long_text_bytes) this.#setLong(id, bytes);
    this.#hashes[id >>> segment_bits][id & segment_mask] = contentHash(text);
  }

  #setLong(id: number, bytes: number): void {
    const index = id >>> segment_bits;
    const segment = this.#long[index] ?? new Int32Array(segment_size);
    segment[id & segment_mask] = bytes;
    this.#longs += bytes > 0 ? 1 : -1;
    this.#long[index] = segment;
    if (this.#longs === 0) this.#long.fill(null);
  }

  /** Whoever remembers ids of texts is told at each sweep which are still used (a byte for each), and forgets the others. */
  onSweep(watcher: (used: Uint8Array) => void): void {
    this.#watchers.push(watcher);
  }

  /**
   * Frees every id that `mark` does not set in the array it is given (one byte per id) and returns the freed ids, so
   * that caches by id can forget them.
   */
  sweep(mark: (used: Uint8Array) => void): Int32Array {
    const used = new Uint8Array(this.#texts.length);
    mark(used);
    for (const watcher of this.#watchers) watcher(used);
    for (const id of this.#free) used[id] = 1;
    const freed: number[] = [];
    this.sweeps++;
    for (let id = 1; id < used.length; id++) {
      if (used[id] !== 0) continue;
      for (const table of this.#tables) if (table.delete(this.#texts[id])) break;
      this.#length -= this.#texts[id].length;
      this.#text_bytes -= HEADER_BYTES + textBytes(this.#texts[id]);
      if (this.longBytesOf(id) > 0) this.#setLong(id, 0);
      this.#texts[id] = '';
      this.#free.push(id);
      freed.push(id);
    }
    return Int32Array.from(freed);
  }

  /** The texts by id, and the ids that are free, in the order in which they will be given again. */
  snapshot(): Snapshot {
    return { texts: this.#texts.slice(), free: Int32Array.from(this.#free) };
  }

  static restore(snapshot: Snapshot): Dictionary {
    const { texts, free } = snapshot as { texts: readonly string[]; free: Int32Array };
    const dictionary = new Dictionary();
    dictionary.#texts = texts.slice();
    dictionary.#free = [...free];
    const isFree = new Uint8Array(texts.length);
    for (const id of free) isFree[id] = 1;
    for (let id = 1; id < texts.length; id++) {
      if (isFree[id] === 0) dictionary.#place(id, texts[id]);
    }
    return dictionary;
  }
}

/** What V8 keeps beside the units of a text: its shape, length and hash, and what it is rounded up by. */
const HEADER_BYTES = 20;
/** Of an entry of a Map, whose places are a power of two: text, id, the next one, and half a bucket. */
const ENTRY_BYTES = 28;
/** Of a place in an array that has grown by halves. */
const PLACE_BYTES = 10;

/** What the units of a text take on V8's heap: a byte each, or two where one of them is beyond Latin-1. */
export function textBytes(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return 2 * text.length;
  return text.length;
}

const segment_bits = 16;
const segment_size = 1 << segment_bits;
const segment_mask = segment_size - 1;

/**
 * The same text in memory of its own. V8 keeps a slice of a long text as a reference to the whole, so without this a
 * single address would keep the record alive that it was read from.
 */
function withoutParent(text: string): string {
  return ` ${text}`.slice(1);
}

/** MurmurHash3 (x86, 32 bits, seed 0; A. Appleby, public domain) over the UTF-16 code units, two to a block. */
export function contentHash(text: string): number {
  let hash = 0;
  const pairs = text.length & ~1;
  for (let i = 0; i < pairs; i += 2) {
    let block = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
    block = Math.imul(block, 0xcc9e2d51);
    block = (block << 15) | (block >>> 17);
    hash ^= Math.imul(block, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (text.length > pairs) {
    let block = Math.imul(text.charCodeAt(pairs), 0xcc9e2d51);
    block = (block << 15) | (block >>> 17);
    hash ^= Math.imul(block, 0x1b873593);
  }
  hash ^= text.length * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
