import type { Column } from '../batch.ts';
import { limits } from '../limits.ts';
import { TIMESTAMP_COLUMN } from '../program.ts';
import { type ColumnShape, columnOf } from '../route/column-values.ts';
import type { ResidualColumn } from '../route/residual.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from './records.ts';
import { RowIds } from './row-ids.ts';
import { ORDER_BYTES, RowOrder } from './row-order.ts';
import { RowTexts } from './row-texts.ts';

/** Where a column stands in a row record: at a double for numbers, at an int for ids. */
export interface Place {
  readonly isId: boolean;
  readonly offset: number;
}

/** Ids that are longer on average are not kept as texts (row-texts.ts): a few MB a table at most. */
const KEPT_ID_BYTES = 64;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Ints of a row behind its time, and where those of columns begin. */
const PREVIOUS = 2;
const CLASS = 3;
const ORDER = 4;
const COLUMNS = 5;

/**
 * HOT. The rows of one row store: time, class and the columns that its operators' aggregates read; their event ids stand
 * beside them (row-ids.ts), so that who goes through rows reads a cache line of each and no id. A row is linked to the row
 * before it of its key (newest to oldest; the key knows how many there are), and has a place in the order of all rows
 * (row-order.ts), in which it leaves when no window reaches it any more.
 */
export class RowTable {
  readonly records: Records;
  readonly #places = new Map<number, Place>();
  /** Stored numbers: column, double offset, and the column of the bound batch; then the same of ids, with int offsets. */
  readonly #numbers: number[] = [];
  readonly #numbersAt: number[] = [];
  readonly #numberSources: Column[] = [];
  readonly #ids: number[] = [];
  readonly #idsAt: number[] = [];
  readonly #idSources: Column[] = [];
  /** Int offset of the first residual class, and how many there are. */
  readonly #residualAt: number;
  readonly #residual: readonly ResidualColumn[];
  readonly #eventIds = new RowIds();
  /** Room for ids that are read together, and their lengths. */
  #text = new Uint8Array(1024);
  #lengths = new Int32Array(32);
  readonly #texts = new RowTexts();
  readonly #symbols: Symbols;
  /** Whether a row may have a long text (limits.long_text_bytes): false costs a row nothing. */
  mayHoldLong = false;
  readonly order: RowOrder;
  /** Rows by key group. */
  readonly count: Int32Array;

  /** `columns` are stored by value, `residual` by the class numbers of the router. */
  constructor(
    columns: readonly number[],
    shapeOf: (column: number) => ColumnShape,
    residual: readonly ResidualColumn[],
    groups: number,
    symbols: Symbols,
  ) {
    this.#symbols = symbols;
    this.#places.set(TIMESTAMP_COLUMN, { isId: false, offset: 0 });
    let ints = COLUMNS;
    for (const column of columns.filter((c) => shapeOf(c).storage === 'id')) this.#place(column, true, ints++);
    this.#residualAt = ints;
    this.#residual = residual;
    let doubles = (ints + residual.length + 1) >> 1;
    const numbers = columns.filter((c) => c !== TIMESTAMP_COLUMN && shapeOf(c).storage === 'number');
    for (const column of numbers) this.#place(column, false, doubles++);
    this.records = new Records(doubles);
    this.order = new RowOrder(groups, (row, position) => this.#setInt(row, ORDER, position));
    this.count = new Int32Array(groups);
  }

  #place(column: number, isId: boolean, offset: number): void {
    this.#places.set(column, { isId, offset });
    (isId ? this.#ids : this.#numbers).push(column);
    (isId ? this.#idsAt : this.#numbersAt).push(offset);
    (isId ? this.#idSources : this.#numberSources).push(isId ? new Int32Array(0) : new Float64Array(0));
  }

  /** Where a stored column stands; throws for a column that is not stored, which is a fault of the caller. */
  placeOf(column: number): Place {
    const place = this.#places.get(column);
    if (place === undefined) throw new Error(`column ${column} is not stored in these rows`);
    return place;
  }

  /** Must be called before the rows of a batch are appended. */
  bind(rows: StreamRows): void {
    for (let k = 0; k < this.#numbers.length; k++) this.#numberSources[k] = columnOf(rows, this.#numbers[k]);
    for (let k = 0; k < this.#ids.length; k++) this.#idSources[k] = columnOf(rows, this.#ids[k]);
    // Behind columns that are computed for the batch, which may be new texts.
    this.mayHoldLong = this.#symbols.hasLong || this.#eventIds.hasRests;
    this.#eventIds.bind(rows.evidenceBytes);
  }

  /** Copies row i of the bound batch and links it behind `previous`, the key's newest row. Returns the new row. */
  append(rows: StreamRows, i: number, row_class: number, key: number, previous: number, group: number): number {
    const row = this.records.allocate();
    this.#texts.forget(row);
    const segment = row >> SEGMENT_BITS;
    this.records.own(segment);
    const at = (row & SEGMENT_MASK) * this.records.stride;
    const doubles = this.records.doubles[segment];
    const ints = this.records.ints[segment];
    const base = 2 * at;
    const time = rows.time[i];
    doubles[at] = time;
    ints[base + PREVIOUS] = previous;
    ints[base + CLASS] = row_class;
    ints[base + ORDER] = this.order.append(this.order.queueOf(group), row, key, time);
    for (let k = 0; k < this.#numbers.length; k++) doubles[at + this.#numbersAt[k]] = this.#numberSources[k][i];
    for (let k = 0; k < this.#ids.length; k++) ints[base + this.#idsAt[k]] = this.#idSources[k][i];
    for (let k = 0; k < this.#residual.length; k++) ints[base + this.#residualAt + k] = this.#residual[k].classes[i];
    const start = rows.evidenceStart[i];
    const length = rows.evidenceStart[i + 1] - start;
    this.#eventIds.set(row, start, length);
    if (length > limits.long_text_bytes) this.mayHoldLong = true;
    this.count[group]++;
    return row;
  }

  /** What the long texts of a row take (limits.text_bytes_per_group), its event id among them. */
  longBytesOf(row: number): number {
    const at = (row & SEGMENT_MASK) * this.records.stride * 2;
    const ints = this.records.ints[row >> SEGMENT_BITS];
    const length = this.#eventIds.lengthOf(row);
    let bytes = length > limits.long_text_bytes ? length : 0;
    for (let k = 0; k < this.#idsAt.length; k++) bytes += this.#symbols.longBytesOf(ints[at + this.#idsAt[k]]);
    return bytes;
  }

  /** Forgets a row before its turn; its key's count is the caller's to lower. */
  remove(row: number, group: number): void {
    this.order.remove(this.order.queueOf(group), this.#int(row, ORDER));
    this.free(row, group);
  }

  /** Forgets a row that was taken out of the order. */
  free(row: number, group: number): void {
    this.count[group]--;
    this.#eventIds.free(row);
    this.records.free(row);
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
    const ids: string[] = new Array(count);
    let known = 0;
    for (; known < count; known++) {
      const id = this.#texts.get(rows[count - 1 - known]);
      if (id === undefined) break;
      ids[known] = id;
    }
    // What is new are the newest rows: they stand behind what was shown before.
    if (known < count) this.#readIds(rows, count - known, ids, known);
    return ids;
  }

  /** Reads the ids of the first `count` of these rows, in reversed order, into `ids` from `at` on. */
  #readIds(rows: Int32Array, count: number, ids: string[], at: number): void {
    if (this.#lengths.length < count) this.#lengths = new Int32Array(2 * count);
    const lengths = this.#lengths;
    let used = 0;
    for (let k = count - 1; k >= 0; k--) {
      const length = this.#eventIds.lengthOf(rows[k]);
      lengths[k] = length;
      if (used + length > this.#text.length) {
        const grown = new Uint8Array((used + length) * 2);
        grown.set(this.#text);
        this.#text = grown;
      }
      this.#eventIds.copyTo(this.#text, used, rows[k], length);
      used += length;
    }
    // One call for all: decoding many short texts costs a call each. Offsets in bytes fit where all is ASCII.
    const text = decoder.decode(this.#text.subarray(0, used));
    const isAscii = text.length === used;
    // A part of a long text keeps all of it.
    const isShort = used <= count * KEPT_ID_BYTES;
    let start = 0;
    for (let k = count - 1; k >= 0; k--) {
      const end = start + lengths[k];
      const id = isAscii ? text.slice(start, end) : decoder.decode(this.#text.subarray(start, end));
      if (isShort) this.#texts.set(rows[k], id);
      ids[at + count - 1 - k] = id;
      start = end;
    }
  }

  get allocated_bytes(): number {
    return this.records.allocated_bytes + this.order.allocated_bytes + this.#eventIds.allocated_bytes;
  }

  /** Of one row with an id of 36 bytes, with its place in the order. A row whose segment has shorter ids only takes less. */
  get row_bytes(): number {
    return this.records.stride * 8 + ORDER_BYTES + RowIds.most_bytes_a_row;
  }

  get live_bytes(): number {
    const { bytes_a_row, rest_bytes } = this.#eventIds;
    return this.records.live * (this.records.stride * 8 + ORDER_BYTES + bytes_a_row) + rest_bytes;
  }

  /** Marks the dictionary ids that live rows hold: through memory in its order, because a dictionary's sweep stops the fold. */
  markUsed(used: Uint8Array): void {
    if (this.#idsAt.length === 0) return;
    const isLive = this.records.liveRecords();
    for (let row = 0; row < isLive.length; row++) {
      if (isLive[row] === 0) continue;
      const ints = this.records.ints[row >> SEGMENT_BITS];
      const at = (row & SEGMENT_MASK) * this.records.stride * 2;
      for (let k = 0; k < this.#idsAt.length; k++) used[ints[at + this.#idsAt[k]]] = 1;
    }
  }

  snapshot(): Snapshot {
    return {
      records: this.records.shareSnapshot(),
      order: this.order.snapshot(),
      count: this.count.slice(),
      eventIds: this.#eventIds.snapshot(),
    };
  }

  /** @param isShared somebody else may have the snapshot's memory */
  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as { records: Snapshot; order: Snapshot; count: Int32Array; eventIds: Snapshot };
    this.records.shareRestore(from.records, isShared);
    this.order.restore(from.order, isShared);
    this.count.set(from.count);
    this.#texts.clear();
    this.#eventIds.restore(from.eventIds, isShared);
  }
}
