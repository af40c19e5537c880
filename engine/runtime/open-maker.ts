import { KindCollector } from '../decode/open-kinds.ts';
import type { StoredOpen } from './stored-events.ts';

/** So many texts say whether texts repeat. */
const SAMPLE = 4096;
/** What a word reads behind the last byte (Dictionary.idOfBytes). */
const BEHIND = 3;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Makes the column of one open part: of each event a text, or nothing. */
export class OpenMaker {
  #bytes = new Uint8Array(64 * 1024);
  #end = 0;
  /** By slot. */
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];

  /** Of the event in a slot; slots come in turn. */
  add(text: Uint8Array): void {
    if (this.#end + text.length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length + text.length);
      grown.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = grown;
    }
    this.#bytes.set(text, this.#end);
    this.#starts.push(this.#end);
    this.#lengths.push(text.length);
    this.#end += text.length;
  }

  /** @param slots by row; null: no event has anything */
  finish(slots: Int32Array): StoredOpen | null {
    if (this.#end === 0) return null;
    const { codes, places } = this.#coded(slots, true) ?? (this.#coded(slots, false) as Coded);
    const collector = new KindCollector();
    const ends = new Uint32Array(places.length);
    let end = 0;
    for (const [place, slot] of places.entries()) {
      end += this.#lengths[slot];
      ends[place] = end;
    }
    const bytes = new Uint8Array(end + BEHIND);
    for (const [place, slot] of places.entries()) {
      const text = this.#textOf(slot);
      bytes.set(text, ends[place] - text.length);
      collector.add(text);
    }
    return { kinds: collector.finish(), texts: { texts: { bytes, ends }, codes } };
  }

  /** null: too few of the first texts are there more than once for each to be there once. */
  #coded(slots: Int32Array, once: boolean): Coded | null {
    const codes = new Int32Array(slots.length);
    const places: number[] = [];
    const codeOf = new Map<string, number>();
    let seen = 0;
    for (let row = 0; row < slots.length; row++) {
      if (this.#lengths[slots[row]] === 0) continue;
      if (once) {
        const text = decoder.decode(this.#textOf(slots[row]));
        codes[row] = codeOf.get(text) ?? 0;
        if (codes[row] === 0) codeOf.set(text, places.length + 1);
        if (++seen === SAMPLE && 2 * codeOf.size > SAMPLE) return null;
      }
      if (codes[row] === 0) codes[row] = places.push(slots[row]);
    }
    return { codes, places };
  }

  #textOf(slot: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[slot], this.#starts[slot] + this.#lengths[slot]);
  }
}

interface Coded {
  readonly codes: Int32Array;
  /** Slots of the texts, by their place. */
  readonly places: readonly number[];
}
