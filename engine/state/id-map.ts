import type { Snapshot } from '../snapshot.ts';
import { Records } from './records.ts';

/** Ids of a page, as a binary logarithm: its entries fill four cache lines. */
const PAGE_BITS = 6;
const PLACE_MASK = (1 << PAGE_BITS) - 1;
/** Pages of a segment, as a binary logarithm. */
const SEGMENT_BITS = 9;
const SEGMENT_MASK = (1 << SEGMENT_BITS) - 1;

/**
 * HOT. A number for each dictionary id, 0 where none was set: found in two reads, without a hash. Ids stand in pages
 * that are there while one of their ids has a number, so that a store with few keys is small however many ids the
 * dictionary has, and nothing large is ever copied.
 */
export class IdMap {
  /** By page of ids: where its entries stand; 0: nowhere. */
  #pages = new Int32Array(0);
  /** The first one stays empty: it is the page of the ids that have none. */
  readonly #entries = new Records(1 << (PAGE_BITS - 1), SEGMENT_BITS);
  /** By where entries stand: how many of them are not 0. */
  #filled = new Uint8Array(16);

  constructor() {
    this.#entries.allocate();
  }

  get(id: number): number {
    const page = id >> PAGE_BITS;
    const at = page < this.#pages.length ? this.#pages[page] : 0;
    return this.#entries.ints[at >> SEGMENT_BITS][((at & SEGMENT_MASK) << PAGE_BITS) | (id & PLACE_MASK)];
  }

  /** `number` is above 0, or 0 for an id that has one. */
  set(id: number, number: number): void {
    const page = id >> PAGE_BITS;
    if (page >= this.#pages.length) {
      const grown = new Int32Array(Math.max(16, page * 2));
      grown.set(this.#pages);
      this.#pages = grown;
    }
    if (this.#pages[page] === 0) this.#open(page);
    const at = this.#pages[page];
    this.#entries.own(at >> SEGMENT_BITS);
    const ints = this.#entries.ints[at >> SEGMENT_BITS];
    const place = ((at & SEGMENT_MASK) << PAGE_BITS) | (id & PLACE_MASK);
    this.#filled[at] += Math.sign(number) - Math.sign(ints[place]);
    ints[place] = number;
    if (this.#filled[at] > 0) return;
    // All of its entries are 0 again, as the next who opens it expects.
    this.#pages[page] = 0;
    this.#entries.free(at);
  }

  #open(page: number): void {
    const at = this.#entries.allocate();
    this.#pages[page] = at;
    if (at < this.#filled.length) return;
    const grown = new Uint8Array(at * 2);
    grown.set(this.#filled);
    this.#filled = grown;
  }

  get allocated_bytes(): number {
    return this.#pages.byteLength + this.#filled.byteLength + this.#entries.allocated_bytes;
  }

  snapshot(): Snapshot {
    return { pages: this.#pages.slice(), entries: this.#entries.shareSnapshot(), filled: this.#filled.slice() };
  }

  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as { pages: Int32Array; entries: Snapshot; filled: Uint8Array };
    this.#pages = from.pages.slice();
    this.#entries.shareRestore(from.entries, isShared);
    this.#filled = from.filled.slice();
  }
}
