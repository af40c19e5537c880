import { TextIndex } from './text-index.ts';

/** What V8 keeps beside the units of a text: its shape, length and hash, and what it is rounded up by. */
const HEADER_BYTES = 20;
/** Of an entry of a Map, whose places are a power of two: key, value, the next one, and half a bucket. */
const ENTRY_BYTES = 28;

/**
 * The texts of a dictionary that its index does not have: those that do not stand in their records, and those whose bucket
 * is full. They are texts of V8, found by its own hash, which nobody can aim at. Split by the hash of the content like the
 * index, so that one part can be gone through by itself, and a Map never gets too large.
 */
export class OtherTexts {
  readonly #ids: Map<string, number>[] = Array.from({ length: TextIndex.segments }, () => new Map());
  /** Of those that do not stand in their records. */
  readonly #texts: Map<number, string>[] = Array.from({ length: TextIndex.segments }, () => new Map());
  #bytes = 0;

  /** The id of a text of this hash; 0: none is known. */
  find(hash: number, text: string): number {
    return this.#ids[TextIndex.segmentOf(hash)].get(text) ?? 0;
  }

  /** The text of an id that does not have it in its record. */
  textOf(hash: number, id: number): string {
    return this.#texts[TextIndex.segmentOf(hash)].get(id) as string;
  }

  /** A text that does not stand in its record, and takes so many bytes. */
  addLong(hash: number, given: string, id: number, bytes: number): void {
    const text = withoutParent(given);
    this.#texts[TextIndex.segmentOf(hash)].set(id, text);
    this.#ids[TextIndex.segmentOf(hash)].set(text, id);
    this.#bytes += HEADER_BYTES + bytes + 2 * ENTRY_BYTES;
  }

  deleteLong(hash: number, id: number, bytes: number): void {
    this.#ids[TextIndex.segmentOf(hash)].delete(this.textOf(hash, id));
    this.#texts[TextIndex.segmentOf(hash)].delete(id);
    this.#bytes -= HEADER_BYTES + bytes + 2 * ENTRY_BYTES;
  }

  /** A text that stands in its record, and whose bucket is full. */
  addCrowded(hash: number, text: string, id: number): void {
    this.#ids[TextIndex.segmentOf(hash)].set(text, id);
    this.#bytes += HEADER_BYTES + text.length + ENTRY_BYTES;
  }

  deleteCrowded(hash: number, text: string): void {
    this.#ids[TextIndex.segmentOf(hash)].delete(text);
    this.#bytes -= HEADER_BYTES + text.length + ENTRY_BYTES;
  }

  /** Those of one segment whose buckets were full, with their ids. */
  crowdedIn(segment: number): [text: string, id: number][] {
    const ids = this.#ids[segment];
    const texts = this.#texts[segment];
    return ids.size === texts.size ? [] : [...ids].filter(([, id]) => !texts.has(id));
  }

  /** By id, those that do not stand in their records. */
  *longs(): Generator<[id: number, text: string]> {
    for (const texts of this.#texts) yield* texts;
  }

  get allocated_bytes(): number {
    return this.#bytes;
  }
}

/**
 * The same text in memory of its own. V8 keeps a slice of a long text as a reference to the whole, so without this a
 * single address would keep the record alive that it was read from.
 */
function withoutParent(text: string): string {
  return ` ${text}`.slice(1);
}
