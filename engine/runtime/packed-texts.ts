import type { Dictionary } from '../decode/dictionary.ts';

const encoder = new TextEncoder();
/** What a word reads behind the last byte (Dictionary.idOfBytes). */
const BEHIND = 3;

/** Different texts as bytes, one behind the other: none of them is made before somebody asks for it. */
export interface PackedTexts {
  /** UTF-8, and a few bytes behind the last. */
  readonly bytes: Uint8Array;
  /** Where each ends. */
  readonly ends: Uint32Array;
}

/** @throws where a text has no UTF-8: half a surrogate pair, which the door lets no record have */
export function packTexts(texts: readonly string[]): PackedTexts {
  const ends = new Uint32Array(texts.length);
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  // A unit of UTF-16 is at most three bytes.
  const bytes = new Uint8Array(3 * units + BEHIND);
  let end = 0;
  for (const [place, text] of texts.entries()) {
    if (!text.isWellFormed()) throw new Error(`the text ${JSON.stringify(text)} has no UTF-8`);
    end += encoder.encodeInto(text, bytes.subarray(end)).written;
    ends[place] = end;
  }
  return { bytes: bytes.slice(0, end + BEHIND), ends };
}

/** Reads packed texts by their places, from 0. */
export class TextList {
  readonly #packed: PackedTexts;
  readonly #words: DataView;

  constructor(packed: PackedTexts) {
    const { bytes } = packed;
    this.#packed = packed;
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get count(): number {
    return this.#packed.ends.length;
  }

  #startOf(place: number): number {
    return place === 0 ? 0 : this.#packed.ends[place - 1];
  }

  /** The text's id in the dictionary, given now if it is new there. */
  idOf(place: number, dictionary: Dictionary): number {
    const { bytes, ends } = this.#packed;
    return dictionary.idOfBytes(bytes, this.#words, this.#startOf(place), ends[place]);
  }

  /** Where the text stands; -1: nowhere. Looks at all of them. */
  placeOf(text: string): number {
    const { ends } = this.#packed;
    const wanted = encoder.encode(text);
    for (let place = 0, start = 0; place < ends.length; place++) {
      if (ends[place] - start === wanted.length && this.#isAt(wanted, start)) return place;
      start = ends[place];
    }
    return -1;
  }

  #isAt(wanted: Uint8Array, start: number): boolean {
    const { bytes } = this.#packed;
    for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
    return true;
  }
}
