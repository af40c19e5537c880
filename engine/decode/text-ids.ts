import type { ByteScanner } from './byte-scanner.ts';
import type { Dictionary } from './dictionary.ts';
import { hashOfBytes, LONGEST, TextTable } from './text-table.ts';

const FIRST_SLOTS = 1 << 10;
const MOST_SLOTS = 1 << 19;

/**
 * HOT. Dictionary ids by the bytes that a record writes a text in: in front of the dictionary, which knows texts, so
 * that a text that comes again is neither made nor hashed as one. `kind` tells apart what one text stands for in fields
 * of different types.
 *
 * A table that is half full is copied into one of twice its size, up to 32 MiB. From there on there are two generations:
 * the full table becomes the old one, and a new one takes what comes, out of the old one too. So what was not seen for
 * long is forgotten, and both together stay within 64 MiB whatever texts come.
 */
export class TextIds {
  readonly #source: Pick<ByteScanner, 'words'>;
  readonly #most: number;
  #young = new TextTable(FIRST_SLOTS);
  #old: TextTable | null = null;

  /** `source`: the memory that records are read in, with four bytes behind the last. `most`: slots of the largest table. */
  constructor(dictionary: Dictionary, source: Pick<ByteScanner, 'words'>, most = MOST_SLOTS) {
    this.#source = source;
    this.#most = most;
    dictionary.onSweep((used) => this.#keep(used));
  }

  /** The id of the text in these bytes; 0: not known here. */
  find(start: number, stop: number, kind: number): number {
    if (stop - start > LONGEST) return 0;
    const { words } = this.#source;
    const hash = hashOfBytes(words, start, stop);
    const known = this.#young.find(words, start, stop, hash, kind);
    if (known !== 0 || this.#old === null) return known;
    const before = this.#old.find(words, start, stop, hash, kind);
    if (before !== 0) this.#put(words, start, stop, hash, kind, before);
    return before;
  }

  /** Remembers the id of a text that find() does not know. */
  put(start: number, stop: number, kind: number, id: number): void {
    if (stop - start > LONGEST) return;
    const { words } = this.#source;
    this.#put(words, start, stop, hashOfBytes(words, start, stop), kind, id);
  }

  #put(words: DataView, start: number, stop: number, hash: number, kind: number, id: number): void {
    if (this.#young.used * 2 >= this.#young.capacity) this.#makeRoom();
    this.#young.put(words, start, stop, hash, kind, id);
  }

  #makeRoom(): void {
    const full = this.#young;
    if (full.capacity < this.#most) {
      this.#young = full.copy(2 * full.capacity);
      return;
    }
    this.#old = full;
    this.#young = new TextTable(this.#most);
  }

  /** Ids that are not used any more may stand for other texts from now on. */
  #keep(used: Uint8Array): void {
    this.#young = this.#young.copy(this.#young.capacity, used);
    this.#old = this.#old?.copy(this.#old.capacity, used) ?? null;
  }

  get allocated_bytes(): number {
    return this.#young.allocated_bytes + (this.#old?.allocated_bytes ?? 0);
  }
}
