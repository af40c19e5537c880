import type { Snapshot } from '../snapshot.ts';
import { SEGMENT_BITS, SEGMENT_MASK, wholeBuffer } from './records.ts';

/** Bytes of an event id that stand here for any row: a UUID as text fits. Longer ids have their rest elsewhere. */
const INLINE_ID_BYTES = 36;
/** What the last byte of a row says where its id is longer; else it is the id's length. */
const IS_LONG = 255;

/** Words of an id are copied as they stand in memory. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

const FIRST_ROWS = 16;
const NO_REST = new Uint8Array(0);

/**
 * HOT. The event ids of a table's rows, by row, apart from the rows: who goes through rows reads none. Rows stand in
 * segments as those of records.ts do, and a segment gives each of them as many words as the longest of its ids has asked
 * for: ids of nine bytes take twelve and those of 36 take 40, with their length in the last byte. A longer id makes its
 * segment wider, which copies a small segment, at most a few times. A snapshot shares the segments, as there.
 */
export class RowIds {
  readonly #segments: Int32Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  /** By segment: words a row. */
  #words: number[] = [];
  /** By segment: a snapshot has it. */
  #isShared: boolean[] = [];
  /** Of ids that are longer: what does not fit, by row. */
  readonly #rests = new Map<number, Uint8Array>();
  rest_bytes = 0;
  /** Whose ids are stored, and the same memory as words. */
  #source: Uint8Array = new Uint8Array(0);
  #sourceWords: DataView = new DataView(new ArrayBuffer(0));

  /** Must be called before ids of these bytes are stored. */
  bind(source: Uint8Array): void {
    this.#source = source;
    this.#sourceWords = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }

  /** Whether any id is longer than what stands in its row. */
  get hasRests(): boolean {
    return this.#rests.size > 0;
  }

  /** Stores the id of a row, which stands in the bound bytes. */
  set(row: number, start: number, length: number): void {
    const inline = Math.min(length, INLINE_ID_BYTES);
    const index = row >> SEGMENT_BITS;
    this.#reserve(index, row & SEGMENT_MASK, (inline >> 2) + 1);
    const words = this.#words[index];
    const at = (row & SEGMENT_MASK) * words;
    const segment = this.#segments[index];
    const whole = inline >> 2;
    for (let k = 0; k < whole; k++) segment[at + k] = this.#sourceWords.getInt32(start + 4 * k, IS_LITTLE_ENDIAN);
    const bytes = this.#bytes[index];
    for (let k = 4 * whole; k < inline; k++) bytes[4 * at + k] = this.#source[start + k];
    bytes[4 * (at + words) - 1] = length > INLINE_ID_BYTES ? IS_LONG : length;
    if (length > INLINE_ID_BYTES) this.#keepRest(row, start + INLINE_ID_BYTES, start + length);
  }

  #keepRest(row: number, from: number, to: number): void {
    this.#rests.set(row, this.#source.slice(from, to));
    this.rest_bytes += to - from;
  }

  /** The row is nobody's any more. */
  free(row: number): void {
    if (this.#rests.size === 0) return;
    this.rest_bytes -= this.#restOf(row).length;
    this.#rests.delete(row);
  }

  lengthOf(row: number): number {
    const index = row >> SEGMENT_BITS;
    const length = this.#bytes[index][4 * ((row & SEGMENT_MASK) + 1) * this.#words[index] - 1];
    return length === IS_LONG ? INLINE_ID_BYTES + this.#restOf(row).length : length;
  }

  /** Copies a row's id, of which this is the length, to a place in `target`. */
  copyTo(target: Uint8Array, to: number, row: number, length: number): void {
    const index = row >> SEGMENT_BITS;
    const at = 4 * (row & SEGMENT_MASK) * this.#words[index];
    const bytes = this.#bytes[index];
    const inline = Math.min(length, INLINE_ID_BYTES);
    for (let k = 0; k < inline; k++) target[to + k] = bytes[at + k];
    if (length > INLINE_ID_BYTES) target.set(this.#restOf(row), to + INLINE_ID_BYTES);
  }

  #restOf(row: number): Uint8Array {
    return this.#rests.get(row) ?? NO_REST;
  }

  /** Makes a segment one that can be written to and has a place of so many words for this row of it. */
  #reserve(index: number, place: number, words: number): void {
    if (index === this.#segments.length) this.#open(index, words);
    else if (words > this.#words[index]) this.#widen(index, words);
    const segment = this.#segments[index];
    if ((place + 1) * this.#words[index] > segment.length) this.#lengthen(index, place);
    else if (this.#isShared[index]) this.#replace(index, segment.slice());
  }

  /** The first segment begins small and doubles, every further one is whole. */
  #open(index: number, words: number): void {
    this.#words[index] = words;
    this.#replace(index, new Int32Array(words * (index === 0 ? FIRST_ROWS : SEGMENT_MASK + 1)));
  }

  #lengthen(index: number, place: number): void {
    let rows = FIRST_ROWS;
    while (rows <= place) rows *= 2;
    const longer = new Int32Array(rows * this.#words[index]);
    longer.set(this.#segments[index]);
    this.#replace(index, longer);
  }

  #widen(index: number, words: number): void {
    const old = this.#segments[index];
    const before = this.#words[index];
    const wider = new Int32Array((old.length / before) * words);
    const bytes = new Uint8Array(wider.buffer);
    for (let from = 0, to = 0; from < old.length; from += before, to += words) {
      for (let k = 0; k < before; k++) wider[to + k] = old[from + k];
      bytes[4 * (to + words) - 1] = bytes[4 * (to + before) - 1];
    }
    this.#words[index] = words;
    this.#replace(index, wider);
  }

  #replace(index: number, segment: Int32Array): void {
    this.#segments[index] = segment;
    this.#bytes[index] = new Uint8Array(segment.buffer, segment.byteOffset, segment.byteLength);
    this.#isShared[index] = false;
  }

  /** What a row takes where one of its segment has an id of 36 bytes. */
  static readonly most_bytes_a_row = 4 * ((INLINE_ID_BYTES >> 2) + 1);

  get allocated_bytes(): number {
    return this.#segments.reduce((sum, { byteLength }) => sum + byteLength, this.rest_bytes);
  }

  /** Of a row on average, without the rests. */
  get bytes_a_row(): number {
    const rows = this.#segments.reduce((sum, { length }, index) => sum + length / this.#words[index], 0);
    return rows === 0 ? 0 : (this.allocated_bytes - this.rest_bytes) / rows;
  }

  snapshot(): Snapshot {
    this.#isShared.fill(true);
    return {
      segments: [...this.#segments],
      words: Int32Array.from(this.#words),
      rows: [...this.#rests.keys()],
      rests: [...this.#rests.values()],
    };
  }

  /**
   * Copies no segment now: it is copied when it is written to, unless nobody else has it.
   * @param isShared somebody else may have the snapshot's memory
   */
  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as { segments: Int32Array[]; words: Int32Array; rows: number[]; rests: Uint8Array[] };
    for (const all of [this.#segments, this.#bytes]) all.length = 0;
    this.#words = [...from.words];
    from.segments.forEach((segment, index) => {
      this.#replace(index, new Int32Array(wholeBuffer(segment)));
    });
    this.#isShared = from.segments.map(() => isShared);
    this.#rests.clear();
    this.rest_bytes = 0;
    from.rows.forEach((row, k) => {
      this.#rests.set(row, from.rests[k]);
      this.rest_bytes += from.rests[k].length;
    });
  }
}
