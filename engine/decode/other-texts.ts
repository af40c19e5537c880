import { TextIndex } from './text-index.ts';
import { TextMap } from './text-map.ts';

/** What V8 keeps beside the units of a text: its shape, length and hash, and what it is rounded up by. */
const HEADER_BYTES = 20;
/** Of an entry of a Map, whose places are a power of two: key, value, the next one, and half a bucket. */
const ENTRY_BYTES = 28;

/** Texts by id stand in pieces, so that only those are made that some id has a text in. */
const PIECE_BITS = 10;
const PIECE = 1 << PIECE_BITS;
/** Of a reference. */
const PLACE_BYTES = 8;

/**
 * The texts of a dictionary that its index does not have: those that do not stand in their records, and those whose bucket
 * is full. They are texts of V8, found by its own hash, which nobody can aim at; split by the hash of the content like the
 * index, so that one part can be gone through by itself.
 */
export class OtherTexts {
  readonly #ids = Array.from({ length: TextIndex.segments }, () => new TextMap());
  /** By id, of those that do not stand in their records; '' at the places of others. They go with the last of them. */
  #pieces: (string[] | undefined)[] = [];
  #longs = 0;
  /** By segment: how many have a full bucket. */
  readonly #crowded = new Int32Array(TextIndex.segments);
  #bytes = 0;

  /** The id of a text of this hash; 0: none is known. */
  find(hash: number, text: string): number {
    return this.#ids[TextIndex.segmentOf(hash)].get(text);
  }

  /** The text of an id that does not have it in its record. */
  textOf(id: number): string {
    return (this.#pieces[id >>> PIECE_BITS] as string[])[id & (PIECE - 1)];
  }

  /** A text that does not stand in its record, and takes so many bytes. */
  addLong(hash: number, given: string, id: number, bytes: number): void {
    const text = withoutParent(given);
    this.#pieceOf(id)[id & (PIECE - 1)] = text;
    this.#ids[TextIndex.segmentOf(hash)].add(text, id);
    this.#bytes += HEADER_BYTES + bytes + ENTRY_BYTES;
    this.#longs++;
  }

  #pieceOf(id: number): string[] {
    const at = id >>> PIECE_BITS;
    const known = this.#pieces[at];
    if (known !== undefined) return known;
    const piece: string[] = new Array(PIECE).fill('');
    this.#pieces[at] = piece;
    this.#bytes += PIECE * PLACE_BYTES;
    return piece;
  }

  deleteLong(hash: number, id: number, bytes: number): void {
    this.#ids[TextIndex.segmentOf(hash)].delete(this.textOf(id));
    this.#pieceOf(id)[id & (PIECE - 1)] = '';
    this.#bytes -= HEADER_BYTES + bytes + ENTRY_BYTES;
    if (--this.#longs > 0) return;
    for (const piece of this.#pieces) if (piece !== undefined) this.#bytes -= PIECE * PLACE_BYTES;
    this.#pieces = [];
  }

  /** A text that stands in its record, and whose bucket is full. */
  addCrowded(hash: number, text: string, id: number): void {
    this.#ids[TextIndex.segmentOf(hash)].add(text, id);
    this.#crowded[TextIndex.segmentOf(hash)]++;
    this.#bytes += HEADER_BYTES + text.length + ENTRY_BYTES;
  }

  deleteCrowded(hash: number, text: string): void {
    this.#ids[TextIndex.segmentOf(hash)].delete(text);
    this.#crowded[TextIndex.segmentOf(hash)]--;
    this.#bytes -= HEADER_BYTES + text.length + ENTRY_BYTES;
  }

  /** Whether texts that stand in their records are here, beside a bucket that is or was full, in the segment of this hash. */
  hasCrowded(hash: number): boolean {
    return this.#crowded[TextIndex.segmentOf(hash)] > 0;
  }

  /** Texts of one segment with their ids, where the bucket of any of them is full; not all of them have one. */
  besideCrowded(segment: number): [text: string, id: number][] {
    return this.#crowded[segment] === 0 ? [] : [...this.#ids[segment]];
  }

  /** Those that do not stand in their records, by id; the empty text is not one of them. */
  *longs(): Generator<[id: number, text: string]> {
    for (const [at, piece] of this.#pieces.entries()) {
      if (piece === undefined) continue;
      for (let k = 0; k < PIECE; k++) if (piece[k] !== '') yield [(at << PIECE_BITS) + k, piece[k]];
    }
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
