import type { Column } from '../batch.ts';
import { TIMESTAMP_COLUMN } from '../program.ts';
import { type ColumnShape, columnOf } from '../route/column-values.ts';
import type { ResidualColumn } from '../route/residual.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from './records.ts';

/** Bytes of an event id that stand in the row itself: a UUID as text fits. Longer ids have their rest elsewhere. */
const INLINE_ID_BYTES = 36;

/** Where a column stands in a row record: at a double for numbers, at an int for ids. */
export interface Place {
  readonly isId: boolean;
  readonly offset: number;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Doubles of a row: its time, and the time of the next row in its group's queue, which is the oldest one day. */
const NEXT_TIME = 1;
/** Ints of a row behind these: what is read when it leaves stands side by side. */
const PREVIOUS = 4;
const GROUP_NEXT = 5;
/** Undefined content for the oldest row of a group. */
const GROUP_PREVIOUS = 6;
const KEY = 7;
const CLASS = 8;
const ID_LENGTH = 9;
/** Doubles before the stored numbers. */
const NUMBERS = 5;

/**
 * HOT. The rows of one row store: time, class, event id, and the columns that its operators' aggregates read. A row is
 * linked to the row before it of its key (newest to oldest; the key knows how many there are), and into the queue of
 * its key group (oldest first), from which it leaves when no window reaches it any more.
 */
export class RowTable {
  readonly records: Records;
  readonly #places = new Map<number, Place>();
  readonly #numbers: { column: number; offset: number; source: Column }[] = [];
  readonly #ids: { column: number; offset: number; source: Column }[] = [];
  /** Int offset of the first residual class, and how many there are. */
  readonly #residualAt: number;
  readonly #residual: readonly ResidualColumn[];
  /** Int offset of the bytes of the event id, behind the stored numbers. */
  readonly #idAt: number;
  /** What did not fit into ID_BYTES, by row. */
  readonly #longIds = new Map<number, Uint8Array>();
  long_id_bytes = 0;
  #text = new Uint8Array(1024);
  /** Per key group: its oldest and its newest row (-1: none), and how many there are. */
  readonly oldest: Int32Array;
  /** Time of the oldest row; Infinity where there is none. */
  readonly oldestTime: Float64Array;
  readonly newest: Int32Array;
  readonly count: Int32Array;
  /** Per key group: no row before this one in the queue is its key's newest (-1: look from the oldest on). */
  readonly #searched: Int32Array;

  /** `columns` are stored by value, `residual` by the class numbers of the router. */
  constructor(
    columns: readonly number[],
    shapeOf: (column: number) => ColumnShape,
    residual: readonly ResidualColumn[],
    groups: number,
  ) {
    let doubles = NUMBERS;
    this.#places.set(TIMESTAMP_COLUMN, { isId: false, offset: 0 });
    const numbers = columns.filter((c) => c !== TIMESTAMP_COLUMN && shapeOf(c).storage === 'number');
    for (const column of numbers) this.#place(column, false, doubles++);
    this.#idAt = doubles * 2;
    let ints = this.#idAt + INLINE_ID_BYTES / 4;
    for (const column of columns.filter((c) => shapeOf(c).storage === 'id')) this.#place(column, true, ints++);
    this.#residualAt = ints;
    this.#residual = residual;
    this.records = new Records((ints + residual.length + 1) >> 1);
    this.oldest = new Int32Array(groups).fill(-1);
    this.oldestTime = new Float64Array(groups).fill(Number.POSITIVE_INFINITY);
    this.newest = new Int32Array(groups).fill(-1);
    this.count = new Int32Array(groups);
    this.#searched = new Int32Array(groups).fill(-1);
  }

  #place(column: number, isId: boolean, offset: number): void {
    this.#places.set(column, { isId, offset });
    (isId ? this.#ids : this.#numbers).push({ column, offset, source: new Float64Array(0) });
  }

  /** Where a stored column stands; throws for a column that is not stored, which is a fault of the caller. */
  placeOf(column: number): Place {
    const place = this.#places.get(column);
    if (place === undefined) throw new Error(`column ${column} is not stored in these rows`);
    return place;
  }

  /** Must be called before the rows of a batch are appended. */
  bind(rows: StreamRows): void {
    for (const copy of this.#numbers) copy.source = columnOf(rows, copy.column);
    for (const copy of this.#ids) copy.source = columnOf(rows, copy.column);
  }

  /** Copies row i of the bound batch and links it behind `previous`, the key's newest row. Returns the new row. */
  append(rows: StreamRows, i: number, row_class: number, key: number, previous: number, group: number): number {
    const row = this.records.allocate();
    const segment = row >> SEGMENT_BITS;
    this.records.own(segment);
    const at = (row & SEGMENT_MASK) * this.records.stride;
    const doubles = this.records.doubles[segment];
    const ints = this.records.ints[segment];
    doubles[at] = rows.time[i];
    for (const copy of this.#numbers) doubles[at + copy.offset] = copy.source[i];
    for (const copy of this.#ids) ints[2 * at + copy.offset] = copy.source[i];
    for (let k = 0; k < this.#residual.length; k++) {
      ints[2 * at + this.#residualAt + k] = this.#residual[k].classes[i];
    }
    const base = 2 * at;
    const before = this.newest[group];
    ints[base + PREVIOUS] = previous;
    ints[base + GROUP_NEXT] = -1;
    ints[base + GROUP_PREVIOUS] = before;
    ints[base + KEY] = key;
    ints[base + CLASS] = row_class;
    const start = rows.evidenceStart[i];
    const length = rows.evidenceStart[i + 1] - start;
    ints[base + ID_LENGTH] = length;
    const bytes = this.records.bytes[segment];
    const target = 4 * (base + this.#idAt);
    const source = rows.evidenceBytes;
    const inline = Math.min(length, INLINE_ID_BYTES);
    for (let k = 0; k < inline; k++) bytes[target + k] = source[start + k];
    if (length > INLINE_ID_BYTES) this.#keepRest(row, source, start + INLINE_ID_BYTES, start + length);
    if (before < 0) {
      this.oldest[group] = row;
      this.oldestTime[group] = rows.time[i];
    } else this.#link(before, row, rows.time[i]);
    this.newest[group] = row;
    this.count[group]++;
    return row;
  }

  /** Makes `next`, a row of this time, the one that follows in the queue; -1: none does. */
  #link(row: number, next: number, next_time: number): void {
    const segment = row >> SEGMENT_BITS;
    this.records.own(segment);
    const at = (row & SEGMENT_MASK) * this.records.stride;
    this.records.doubles[segment][at + NEXT_TIME] = next_time;
    this.records.ints[segment][2 * at + GROUP_NEXT] = next;
  }

  #keepRest(row: number, source: Uint8Array, from: number, to: number): void {
    this.#longIds.set(row, source.slice(from, to));
    this.long_id_bytes += to - from;
  }

  /** Takes a row out of its group's queue and frees it; its key's count is the caller's to lower. */
  remove(row: number, group: number): void {
    const next = this.#int(row, GROUP_NEXT);
    if (row === this.oldest[group]) {
      // The next row's memory is not touched: it may be far.
      const at = (row & SEGMENT_MASK) * this.records.stride;
      const next_time = this.records.doubles[row >> SEGMENT_BITS][at + NEXT_TIME];
      this.oldest[group] = next;
      this.oldestTime[group] = next < 0 ? Number.POSITIVE_INFINITY : next_time;
      if (next < 0) this.newest[group] = -1;
    } else {
      const previous = this.#int(row, GROUP_PREVIOUS);
      this.#link(previous, next, next < 0 ? 0 : this.timeOf(next));
      if (next < 0) this.newest[group] = previous;
      else this.#setInt(next, GROUP_PREVIOUS, previous);
    }
    this.count[group]--;
    if (this.#searched[group] === row) this.#searched[group] = next;
    if (this.#int(row, ID_LENGTH) > INLINE_ID_BYTES) {
      this.long_id_bytes -= this.#longIds.get(row)?.length ?? 0;
      this.#longIds.delete(row);
    }
    this.records.free(row);
  }

  /**
   * The key of the group that was silent longest: the first in the queue whose row is its key's newest. A row that is
   * not the newest never becomes it again, so every row of the queue is passed over once.
   */
  silentLongest(group: number, newestOf: (key: number) => number): number {
    let row = this.#searched[group] < 0 ? this.oldest[group] : this.#searched[group];
    while (newestOf(this.keyOf(row)) !== row) row = this.#int(row, GROUP_NEXT);
    this.#searched[group] = row;
    return this.keyOf(row);
  }

  #int(row: number, field: number): number {
    return this.records.ints[row >> SEGMENT_BITS][(row & SEGMENT_MASK) * this.records.stride * 2 + field];
  }

  #setInt(row: number, field: number, value: number): void {
    this.records.own(row >> SEGMENT_BITS);
    this.records.ints[row >> SEGMENT_BITS][(row & SEGMENT_MASK) * this.records.stride * 2 + field] = value;
  }

  timeOf(row: number): number {
    return this.records.doubles[row >> SEGMENT_BITS][(row & SEGMENT_MASK) * this.records.stride];
  }

  /** The key's row before this one; undefined content when the key's count says there is none. */
  previousOf(row: number): number {
    return this.#int(row, PREVIOUS);
  }

  keyOf(row: number): number {
    return this.#int(row, KEY);
  }

  classOf(row: number): number {
    return this.#int(row, CLASS);
  }

  /** A stored column's number: a dictionary id (0 is NULL) or a number (NaN is NULL). */
  rawOf(row: number, place: Place): number {
    const at = (row & SEGMENT_MASK) * this.records.stride;
    return place.isId
      ? this.records.ints[row >> SEGMENT_BITS][2 * at + place.offset]
      : this.records.doubles[row >> SEGMENT_BITS][at + place.offset];
  }

  /** Class of the row in the k-th residual column. */
  residualOf(row: number, k: number): number {
    return this.records.ints[row >> SEGMENT_BITS][
      (row & SEGMENT_MASK) * this.records.stride * 2 + this.#residualAt + k
    ];
  }

  /** The id of the event that the row stands for in evidence. */
  idOf(row: number): string {
    return this.idsOf(Int32Array.of(row), 1)[0];
  }

  /** The ids of the first `count` of these rows, in reversed order (window rows stand newest first). */
  idsOf(rows: Int32Array, count: number): string[] {
    const ends: number[] = [];
    let used = 0;
    for (let k = count - 1; k >= 0; k--) {
      const length = this.#int(rows[k], ID_LENGTH);
      if (used + length > this.#text.length) {
        const grown = new Uint8Array((used + length) * 2);
        grown.set(this.#text);
        this.#text = grown;
      }
      this.#copyId(rows[k], length, used);
      used += length;
      ends.push(used);
    }
    // One call for all: decoding many short texts costs a call each. Offsets in bytes fit where all is ASCII.
    const text = decoder.decode(this.#text.subarray(0, used));
    const isAscii = text.length === used;
    return ends.map((end, k) => {
      const start = k === 0 ? 0 : ends[k - 1];
      return isAscii ? text.slice(start, end) : decoder.decode(this.#text.subarray(start, end));
    });
  }

  #copyId(row: number, length: number, to: number): void {
    const at = 4 * ((row & SEGMENT_MASK) * this.records.stride * 2 + this.#idAt);
    const bytes = this.records.bytes[row >> SEGMENT_BITS];
    const inline = Math.min(length, INLINE_ID_BYTES);
    for (let k = 0; k < inline; k++) this.#text[to + k] = bytes[at + k];
    if (length > INLINE_ID_BYTES) this.#text.set(this.#longIds.get(row) ?? [], to + INLINE_ID_BYTES);
  }

  get allocated_bytes(): number {
    return this.records.allocated_bytes + this.long_id_bytes;
  }

  get live_bytes(): number {
    return this.records.live * this.records.stride * 8 + this.long_id_bytes;
  }

  /** Marks the dictionary ids that live rows hold. */
  markUsed(used: Uint8Array): void {
    this.forEach((row) => {
      for (const { column } of this.#ids) used[this.rawOf(row, this.placeOf(column))] = 1;
    });
  }

  /** Calls back for every live row. */
  forEach(visit: (row: number) => void): void {
    for (const [group, newest] of this.newest.entries()) {
      for (let row = newest; row >= 0; row = row === this.oldest[group] ? -1 : this.#int(row, GROUP_PREVIOUS))
        visit(row);
    }
  }

  snapshot(): Snapshot {
    return {
      records: this.records.shareSnapshot(),
      oldest: this.oldest.slice(),
      oldestTime: this.oldestTime.slice(),
      newest: this.newest.slice(),
      count: this.count.slice(),
      longRows: [...this.#longIds.keys()],
      longIds: [...this.#longIds.values()],
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as {
      records: Snapshot;
      oldest: Int32Array;
      oldestTime: Float64Array;
      newest: Int32Array;
      count: Int32Array;
      longRows: number[];
      longIds: Uint8Array[];
    };
    this.records.restore(from.records);
    this.oldest.set(from.oldest);
    this.oldestTime.set(from.oldestTime);
    this.newest.set(from.newest);
    this.count.set(from.count);
    this.#searched.fill(-1);
    this.#longIds.clear();
    this.long_id_bytes = 0;
    from.longRows.forEach((row, i) => {
      this.#longIds.set(row, from.longIds[i]);
      this.long_id_bytes += from.longIds[i].length;
    });
  }
}
