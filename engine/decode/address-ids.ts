import { AddressTable, LONGEST } from './address-table.ts';
import type { ByteScanner } from './byte-scanner.ts';
import type { Dictionary } from './dictionary.ts';
import { hashOfBytes } from './text-hash.ts';

const FIRST_SLOTS = 1 << 8;
const MOST_SLOTS = 1 << 18;

/**
 * HOT. Dictionary ids of addresses by the bytes that a record writes them in, where that need not be their one form: so an
 * address that comes again is neither parsed nor made as a text. Dotted IPv4 addresses have one form, and are not here.
 *
 * A table that is half full is copied into one of twice its size, up to 16 MiB. From there on there are two generations:
 * the full table becomes the old one, and a new one takes what comes, out of the old one too. So what was not seen for
 * long is forgotten, and both together stay within 32 MiB whatever comes.
 */
export class AddressIds {
  readonly #source: Pick<ByteScanner, 'bytes' | 'words'>;
  readonly #most: number;
  #young = new AddressTable(FIRST_SLOTS);
  #old: AddressTable | null = null;

  /** `source`: the memory that records are read in, with four bytes behind the last. `most`: slots of the largest table. */
  constructor(dictionary: Dictionary, source: Pick<ByteScanner, 'bytes' | 'words'>, most = MOST_SLOTS) {
    this.#source = source;
    this.#most = most;
    dictionary.onSweep((used) => this.#keep(used));
  }

  /** The id of the address in these bytes; 0: not known here. */
  find(start: number, stop: number): number {
    if (stop - start > LONGEST) return 0;
    const { bytes, words } = this.#source;
    const hash = hashOfBytes(bytes, words, start, stop);
    const known = this.#young.find(words, start, stop, hash);
    if (known !== 0 || this.#old === null) return known;
    const before = this.#old.find(words, start, stop, hash);
    if (before !== 0) this.#put(words, start, stop, hash, before);
    return before;
  }

  /** Remembers the id of an address that find() does not know. */
  put(start: number, stop: number, id: number): void {
    if (stop - start > LONGEST) return;
    const { bytes, words } = this.#source;
    this.#put(words, start, stop, hashOfBytes(bytes, words, start, stop), id);
  }

  #put(words: DataView, start: number, stop: number, hash: number, id: number): void {
    if (this.#young.used * 2 >= this.#young.capacity) this.#makeRoom();
    this.#young.put(words, start, stop, hash, id);
  }

  #makeRoom(): void {
    const full = this.#young;
    if (full.capacity < this.#most) {
      this.#young = full.copy(2 * full.capacity);
      return;
    }
    this.#old = full;
    this.#young = new AddressTable(this.#most);
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
