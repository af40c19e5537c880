import { limits } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { OtherTexts } from './other-texts.ts';
import { contentHash, hashOfBytes } from './text-hash.ts';
import { FULL, TextIndex } from './text-index.ts';
import { INLINE_BYTES, TextRecords } from './text-records.ts';
import { textBytes, WrittenText } from './written-text.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts that are kept as V8 has them, for whoever asks for the same ones again and again. */
const CACHED = 1 << 12;

/**
 * HOT. Texts as dense integer ids, in both directions: behind the decoder the engine compares and stores numbers only.
 * Id 0 is NULL. Short texts stand as bytes in records by id (text-records.ts), found by their bytes (text-index.ts), so
 * that one that comes again costs two cache lines and none is ever made; the others, and those whose places are full, are
 * texts of V8 (other-texts.ts). Which of the two a text is cannot show.
 */
export class Dictionary {
  readonly #records = new TextRecords();
  readonly #index = new TextIndex(this.#records);
  readonly #others = new OtherTexts();
  /** A text on its way to be looked up. */
  readonly #written = new WrittenText();
  /** What find() looked for last: the end of its bytes (-1: it has none here) and its hash. */
  #stop = 0;
  #hash = 0;
  readonly #cachedIds = new Int32Array(CACHED);
  readonly #cachedTexts: string[] = new Array(CACHED).fill('');
  /** Ids that are in use, and what their texts take. */
  #size = 0;
  #length = 0;
  #longs = 0;
  /** Keeps the compiler from leaving out the reads of touch(). */
  #touched = 0;
  /** How often it was swept, the sweep that is going on included. */
  sweeps = 0;
  /** Of the sweep that is going on: a byte for each id, 1 where somebody holds it; and the id that is looked at next. */
  #used: Uint8Array | null = null;
  #swept = 0;
  /** Ids given since freeSome() was called last. */
  #given = 0;
  readonly #watchers: ((used: Uint8Array) => void)[] = [];

  /** How many texts it holds. */
  get size(): number {
    return this.#size;
  }

  /** What its texts take together, in bytes: few long texts weigh as much as many short ones. */
  get length(): number {
    return this.#length;
  }

  /** Of records, index and texts: typed arrays as they are, texts as V8 lays them out. */
  get allocated_bytes(): number {
    return this.#records.allocated_bytes + this.#index.allocated_bytes + this.#others.allocated_bytes;
  }

  /** Whether any text takes more than limits.long_text_bytes. */
  get hasLong(): boolean {
    return this.#longs > 0;
  }

  /** What the text of an id takes, in bytes; 0 for one that takes no more than limits.long_text_bytes. */
  longBytesOf(id: number): number {
    const bytes = this.#records.bytesOf(id);
    return bytes > limits.long_text_bytes ? bytes : 0;
  }

  /** The greatest id ever given, plus one: arrays indexed by id need this many places. */
  get capacity(): number {
    return this.#records.capacity;
  }

  /** The text's id, given now if it is new. Greater than 0. */
  idOf(text: string): number {
    const known = this.find(text);
    if (known !== 0) return known;
    return this.#stop === -1
      ? this.#addLong(this.#hash, text)
      : this.#addBytes(this.#hash, this.#written.words, 0, this.#stop);
  }

  /** The text's id, or 0 when it is unknown. */
  find(text: string): number {
    this.#stop = this.#written.write(text);
    if (this.#stop === -1) {
      this.#hash = contentHash(text);
      return this.#asked(this.#others.find(this.#hash, text));
    }
    const { bytes, words } = this.#written;
    this.#hash = hashOfBytes(bytes, words, 0, this.#stop);
    const known = this.#index.find(this.#hash, words, 0, this.#stop);
    return this.#asked(this.#isBeside(known, this.#hash) ? this.#others.find(this.#hash, text) : known);
  }

  /**
   * The id of the text in these bytes, which are valid UTF-8, given now if it is new. `words` is a view of the same memory,
   * in which three bytes behind the last can be read.
   */
  idOfBytes(bytes: Uint8Array, words: DataView, start: number, stop: number): number {
    if (stop - start > INLINE_BYTES) return this.idOf(decoder.decode(bytes.subarray(start, stop)));
    return this.idOfHashed(hashOfBytes(bytes, words, start, stop), bytes, words, start, stop);
  }

  /** Begins to fetch what idOfHashed() of these hashes will read first: memory is waited for once, and not for each. */
  touch(hashes: Int32Array, count: number): void {
    let touched = 0;
    for (let k = 0; k < count; k++) touched ^= this.#index.touch(hashes[k]);
    this.#touched ^= touched;
  }

  /** idOfBytes() of a text of at most INLINE_BYTES that has this hash. */
  idOfHashed(hash: number, bytes: Uint8Array, words: DataView, start: number, stop: number): number {
    const known = this.#index.find(hash, words, start, stop);
    if (known > 0) return this.#asked(known);
    if (this.#isBeside(known, hash)) return this.idOf(decoder.decode(bytes.subarray(start, stop)));
    return this.#addBytes(hash, words, start, stop);
  }

  /**
   * Whether a text of which the index says this may be known beside it: its bucket is full, or was, and the sweep that
   * goes on has freed a place in it that is filled at the sweep's end.
   */
  #isBeside(known: number, hash: number): boolean {
    return known === FULL || (known === 0 && this.#used !== null && this.#others.hasCrowded(hash));
  }

  #addLong(hash: number, text: string): number {
    const bytes = textBytes(text);
    const id = this.#records.addOutside(hash, bytes);
    this.#others.addLong(hash, text, id, bytes);
    this.#count(bytes, 1);
    return this.#asked(id);
  }

  #addBytes(hash: number, words: DataView, start: number, stop: number): number {
    const id = this.#records.addBytes(hash, words, start, stop);
    this.#place(hash, id);
    this.#count(stop - start, 1);
    return this.#asked(id);
  }

  #place(hash: number, id: number): void {
    if (!this.#index.add(hash, id)) this.#others.addCrowded(hash, this.#records.textOf(id), id);
    else if (this.#index.isCrowded(hash)) {
      this.#index.grow(hash);
      this.#fill(TextIndex.segmentOf(hash));
    }
  }

  /** There may be room in buckets of a segment that were full. */
  #fill(segment: number): void {
    for (const [text, id] of this.#others.besideCrowded(segment)) {
      if (this.#records.isOutside(id)) continue;
      const hash = this.#records.hashOf(id);
      if (this.#index.add(hash, id)) this.#others.deleteCrowded(hash, text);
    }
  }

  #fillAll(): void {
    for (let segment = 0; segment < TextIndex.segments; segment++) this.#fill(segment);
  }

  #count(bytes: number, by: 1 | -1): void {
    if (by === 1) this.#given++;
    this.#size += by;
    this.#length += by * bytes;
    if (bytes > limits.long_text_bytes) this.#longs += by;
  }

  /** The text of an id that was given and not freed. */
  textOf(id: number): string {
    const place = id & (CACHED - 1);
    if (this.#cachedIds[place] === id && id !== 0) return this.#cachedTexts[place];
    if (this.#records.isFree(id)) throw new Error(`dictionary: id ${id} is not in use`);
    if (this.#records.isOutside(id)) return this.#others.textOf(id);
    const text = this.#records.textOf(id);
    this.#cachedIds[place] = id;
    this.#cachedTexts[place] = text;
    return text;
  }

  /** contentHash() of the text: the same on every machine, after every restart, in every order of insertion. */
  hashOf(id: number): number {
    return this.#records.hashOf(id);
  }

  /** Whoever remembers ids of texts is told at each sweep which are still used (a byte for each), and forgets the others. */
  onSweep(watcher: (used: Uint8Array) => void): void {
    this.#watchers.push(watcher);
  }

  /**
   * Begins to free the ids that `mark` does not set in the array it is given (one byte per id); freeSome() does it. Whoever
   * remembers ids beside what was marked forgets them now, because they may stand for other texts soon. What is asked for
   * in the meantime stays.
   */
  beginSweep(mark: (used: Uint8Array) => void): void {
    const used = new Uint8Array(this.capacity);
    mark(used);
    for (const watcher of this.#watchers) watcher(used);
    this.sweeps++;
    this.#cachedIds.fill(0);
    this.#used = used;
    this.#swept = 1;
    this.#given = 0;
  }

  /**
   * Looks at so many ids more, and at four for each that was given meanwhile, and frees those that nobody holds. false: the
   * sweep is over.
   */
  freeSome(least: number): boolean {
    const used = this.#used;
    if (used === null) return false;
    const stop = Math.min(used.length, this.#swept + Math.max(least, 4 * this.#given));
    this.#given = 0;
    for (; this.#swept < stop; this.#swept++) {
      if (used[this.#swept] === 0 && !this.#records.isFree(this.#swept)) this.#free(this.#swept);
    }
    if (stop < used.length) return true;
    this.#used = null;
    this.#fillAll();
    return false;
  }

  get isSweeping(): boolean {
    return this.#used !== null;
  }

  /** An id that is given to somebody; 0: none. */
  #asked(id: number): number {
    if (this.#used !== null && id < this.#used.length) this.#used[id] = 1;
    return id;
  }

  #free(id: number): void {
    const hash = this.#records.hashOf(id);
    const bytes = this.#records.bytesOf(id);
    if (this.#records.isOutside(id)) this.#others.deleteLong(hash, id, bytes);
    else if (!this.#index.delete(hash, id)) this.#others.deleteCrowded(hash, this.#records.textOf(id));
    this.#records.free(id);
    if (this.#cachedIds[id & (CACHED - 1)] === id) this.#cachedIds[id & (CACHED - 1)] = 0;
    this.#count(bytes, -1);
  }

  /** The records and the index, both shared, and the texts that stand in neither. */
  snapshot(): Snapshot {
    const longs = [...this.#others.longs()];
    return {
      records: this.#records.snapshot(),
      index: this.#index.snapshot(),
      counts: Float64Array.of(this.#size, this.#length, this.#longs),
      crowded: Int32Array.from(this.#crowdedIds()),
      longIds: Int32Array.from(longs, ([id]) => id),
      longs: longs.map(([, text]) => text),
    };
  }

  *#crowdedIds(): Generator<number> {
    for (let segment = 0; segment < TextIndex.segments; segment++) {
      for (const [, id] of this.#others.besideCrowded(segment)) if (!this.#records.isOutside(id)) yield id;
    }
  }

  /** @param isShared somebody else may have the snapshot's memory */
  static restore(snapshot: Snapshot, isShared = true): Dictionary {
    const from = snapshot as {
      records: Snapshot;
      index: Snapshot;
      counts: Float64Array;
      crowded: Int32Array;
      longIds: Int32Array;
      longs: readonly string[];
    };
    const dictionary = new Dictionary();
    const records = dictionary.#records;
    const others = dictionary.#others;
    records.restore(from.records, isShared);
    dictionary.#index.restore(from.index, isShared);
    [dictionary.#size, dictionary.#length, dictionary.#longs] = from.counts;
    for (const id of from.crowded) others.addCrowded(records.hashOf(id), records.textOf(id), id);
    from.longs.forEach((text, k) => {
      others.addLong(records.hashOf(from.longIds[k]), text, from.longIds[k], records.bytesOf(from.longIds[k]));
    });
    // The snapshot may be of the middle of a sweep, which does not go on.
    dictionary.#fillAll();
    return dictionary;
  }
}
