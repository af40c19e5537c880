import type { Column } from '../batch.ts';
import type { JoinSpec, Program } from '../program.ts';
import { type ColumnShape, columnOf, columnShape, readValue } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { KEY_MARKS, type KeyTable } from '../state/key-table.ts';
import { Records } from '../state/records.ts';
import type { Value } from '../value.ts';
import { readKeyPart } from './join-key.ts';
import {
  ID,
  ID_LENGTH,
  IN_HEAP,
  INLINE_ID_BYTES,
  KEY,
  KEY_ROWS,
  LAST_AT_DEADLINE,
  MATCHED,
  NEWER,
  NULL_IN_KEY,
  OLDER,
  ORDER,
  QUEUE_BEFORE,
  QUEUE_NEXT,
  STAMP,
  STATE,
  TIME,
  UNTIL,
  VALUES,
} from './join-layout.ts';
import { isNamedByEvents, isOfWindows, type JoinRow, orderOf, type Side } from './join-parts.ts';
import { LongIds, type RowIds } from './long-ids.ts';
import { RowHeap } from './row-heap.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * HOT. The rows of one side of a join that can still be matched, as records of numbers: linked by key in the order in
 * which they came, and in one queue by when they leave. In that queue rows stand in the order of their times; left rows
 * that an EXISTS held back come out of it, and stand in a heap.
 */
export class JoinSide {
  readonly #records: Records;
  readonly #keys: KeyTable;
  readonly #keep_ms: number;
  /** Mark of the key's oldest row; the newest one's stands behind it. */
  readonly #mark: number;
  readonly #columns: readonly number[];
  readonly #shapes: readonly ColumnShape[];
  /** For each source of the join, which of the stored values it is; -1: the other side's. */
  readonly #valueAt: readonly number[];
  readonly #keyShapes: readonly ColumnShape[];
  readonly #symbols: Symbols;
  readonly #ints: number;
  /** Whether anything asks for ids of its rows. */
  readonly #keepsIds: boolean;
  readonly #longIds = new LongIds();
  /** Which double of a row is its place in its stream; -1: its id says where it stands. */
  readonly #placeAt: number;
  readonly #isOfWindows: boolean;
  #sources: Column[] = [];
  /** Of the bound batch: how many events came before it. */
  #before = 0;
  /** How many rows of the stream came, before the bound batch and with it. */
  #cameBefore = 0;
  #came = 0;
  #first = -1;
  /** When it leaves; Infinity without one. */
  #first_until = Number.POSITIVE_INFINITY;
  #last = -1;
  /** Left rows that an EXISTS held back, by when they leave. */
  readonly #heldBack = new RowHeap((row, place) => this.#set(row, QUEUE_BEFORE, place));

  constructor(program: Program, spec: JoinSpec, side: Side, keys: KeyTable, keep_ms: number, symbols: Symbols) {
    const { stream, key } = spec[side];
    const shape = (column: number) => columnShape(program.streams[stream], column);
    this.#columns = [...new Set(spec.sources.flatMap((one) => (one.side === side ? [one.column] : [])))];
    this.#shapes = this.#columns.map(shape);
    this.#valueAt = spec.sources.map((one) => (one.side === side ? this.#columns.indexOf(one.column) : -1));
    this.#keyShapes = key.map(shape);
    this.#keys = keys;
    this.#keep_ms = keep_ms;
    this.#keepsIds = spec.as_of !== true;
    this.#mark = KEY_MARKS + (side === 'left' ? 0 : 2);
    this.#symbols = symbols;
    const end = VALUES + this.#columns.length;
    this.#placeAt = !this.#keepsIds || isNamedByEvents(program, stream) ? -1 : end;
    this.#isOfWindows = isOfWindows(program, stream);
    this.#ints = 2 * (this.#placeAt < 0 ? end : end + 1);
    this.#records = new Records((this.#ints + ID + INLINE_ID_BYTES / 4 + 1) >> 1);
  }

  /** Must be called before rows of a batch are kept or read, once for each batch; `isRead`: some of its rows will be. */
  bind(rows: StreamRows, before: number, isRead: boolean): void {
    this.#cameBefore = this.#came;
    this.#came += rows.count;
    this.#before = before;
    if (isRead) this.readFrom(rows);
  }

  /** The rows from which values are taken: of the bound batch, or for a while one that was kept elsewhere. */
  readFrom(rows: StreamRows): void {
    this.#sources = this.#columns.map((column) => columnOf(rows, column));
  }

  /** Keeps row i of the bound batch for the key; returns the row. `state`: the sum of what is known of it. */
  append(rows: StreamRows, i: number, time: number, key: number, state: number): number {
    const row = this.#records.allocate();
    const doubles = this.#records.doubles[row >> this.#records.bits];
    const at = this.#at(row);
    doubles[at + TIME] = time;
    doubles[at + UNTIL] = time + this.#keep_ms;
    doubles[at + STAMP] = rows.stamp[i];
    doubles[at + ORDER] = orderOf(rows, i, this.#before);
    for (let k = 0; k < this.#sources.length; k++) doubles[at + VALUES + k] = this.#sources[k][i];
    if (this.#placeAt >= 0) doubles[at + this.#placeAt] = this.#placeIn(rows, i);
    const newest = this.#keys.get(key, this.#mark + 1) - 1;
    this.#set(row, KEY, key);
    this.#set(row, OLDER, newest);
    this.#set(row, NEWER, -1);
    this.#set(row, STATE, state);
    if (newest >= 0) this.#set(newest, NEWER, row);
    else this.#keys.set(key, this.#mark, row + 1);
    this.#keys.set(key, this.#mark + 1, row + 1);
    this.#keys.set(key, KEY_ROWS, this.#keys.get(key, KEY_ROWS) + 1);
    this.#keepId(row, rows, i);
    this.#enqueue(row, time + this.#keep_ms);
    return row;
  }

  #keepId(row: number, rows: StreamRows, i: number): void {
    if (!this.#keepsIds) {
      this.#set(row, ID_LENGTH, 0);
      return;
    }
    const { evidenceStart, evidenceBytes, idStart, idBytes } = rows;
    const start = evidenceStart[i];
    const length = evidenceStart[i + 1] - start;
    const rests = rows.rests?.[i] ?? null;
    if (idBytes !== evidenceBytes || length > INLINE_ID_BYTES || rests !== null) {
      const id = decoder.decode(idBytes.subarray(idStart[i], idStart[i + 1]));
      this.#longIds.set(row, [id, decoder.decode(evidenceBytes.subarray(start, start + length)), rests]);
      this.#set(row, ID_LENGTH, -1);
      return;
    }
    this.#set(row, ID_LENGTH, length);
    const bytes = this.#records.bytes[row >> this.#records.bits];
    const target = this.#at(row) * 8 + (this.#ints + ID) * 4;
    for (let k = 0; k < length; k++) bytes[target + k] = evidenceBytes[start + k];
  }

  #enqueue(row: number, until: number): void {
    const last = this.#last;
    if (last >= 0 && this.#double(last, UNTIL) > until) {
      this.#set(row, QUEUE_NEXT, IN_HEAP);
      this.#heldBack.add(row, until);
      return;
    }
    this.#set(row, QUEUE_BEFORE, last);
    this.#set(row, QUEUE_NEXT, -1);
    if (last < 0) this.#setFirst(row);
    else this.#set(last, QUEUE_NEXT, row);
    this.#last = row;
  }

  #setFirst(row: number): void {
    this.#first = row;
    this.#first_until = row < 0 ? Number.POSITIVE_INFINITY : this.#double(row, UNTIL);
  }

  /** A row that leaves first, if it can be matched no more at this time; -1: none. */
  expiredAt(time: number): number {
    if (this.#first_until < time) return this.#first;
    return this.#heldBack.size > 0 && this.#heldBack.first_until < time ? this.#heldBack.first : -1;
  }

  /** Takes a row out; its key is the caller's to free. */
  remove(row: number): void {
    const key = this.#get(row, KEY);
    const [older, newer] = [this.#get(row, OLDER), this.#get(row, NEWER)];
    if (older >= 0) this.#set(older, NEWER, newer);
    else this.#keys.set(key, this.#mark, newer + 1);
    if (newer >= 0) this.#set(newer, OLDER, older);
    else this.#keys.set(key, this.#mark + 1, older + 1);
    this.#keys.set(key, KEY_ROWS, this.#keys.get(key, KEY_ROWS) - 1);
    this.#dequeue(row);
    if (this.#get(row, ID_LENGTH) < 0) this.#longIds.delete(row);
    this.#records.free(row);
  }

  #dequeue(row: number): void {
    const [before, next] = [this.#get(row, QUEUE_BEFORE), this.#get(row, QUEUE_NEXT)];
    if (next === IN_HEAP) {
      this.#heldBack.removeAt(before);
      return;
    }
    if (before >= 0) this.#set(before, QUEUE_NEXT, next);
    else this.#setFirst(next);
    if (next >= 0) this.#set(next, QUEUE_BEFORE, before);
    else this.#last = before;
  }

  /** The key's oldest and newest row of this side; -1: none. */
  oldestOf(key: number): number {
    return this.#keys.get(key, this.#mark) - 1;
  }

  newestOf(key: number): number {
    return this.#keys.get(key, this.#mark + 1) - 1;
  }

  olderThan(row: number): number {
    return this.#get(row, OLDER);
  }

  newerThan(row: number): number {
    return this.#get(row, NEWER);
  }

  keyOf(row: number): number {
    return this.#get(row, KEY);
  }

  timeOf(row: number): number {
    return this.#double(row, TIME);
  }

  orderOf(row: number): number {
    return this.#double(row, ORDER);
  }

  isMatched(row: number): boolean {
    return (this.#get(row, STATE) & MATCHED) !== 0;
  }

  setMatched(row: number): void {
    this.#set(row, STATE, this.#get(row, STATE) | MATCHED);
  }

  /** Whether it waits for its deadline alone: NULL in its key matches nothing. */
  hasNull(row: number): boolean {
    return (this.#get(row, STATE) & NULL_IN_KEY) !== 0;
  }

  /** Whether it stands behind its deadline, with the window's end that gave it. */
  isLast(row: number): boolean {
    return (this.#get(row, STATE) & LAST_AT_DEADLINE) !== 0;
  }

  /** The value of a source of the join in a kept row, and in row i of the bound batch. */
  valueOf(row: number, source: number): Value {
    const k = this.#valueAt[source];
    return readValue(this.#shapes[k], this.#double(row, VALUES + k), this.#symbols);
  }

  /** The same as it stands in a column. */
  rawOf(row: number, source: number): number {
    return this.#double(row, VALUES + this.#valueAt[source]);
  }

  valueIn(i: number, source: number): Value {
    const k = this.#valueAt[source];
    return readValue(this.#shapes[k], this.#sources[k][i], this.#symbols);
  }

  /** The same of row i of the bound batch. */
  rawIn(i: number, source: number): number {
    return this.#sources[this.#valueAt[source]][i];
  }

  /** The ids of this kept row and of row i of a batch, where they have one timestamp; else null. */
  idsAtOneTime(row: number, rows: StreamRows, i: number): readonly [kept: string, other: string] | null {
    if (this.#double(row, STAMP) !== rows.stamp[i]) return null;
    return [this.#idsOf(row)[0], decoder.decode(rows.idBytes.subarray(rows.idStart[i], rows.idStart[i + 1]))];
  }

  #idsOf(row: number): RowIds {
    const length = this.#get(row, ID_LENGTH);
    if (length < 0) return this.#longIds.of(row);
    const start = this.#at(row) * 8 + (this.#ints + ID) * 4;
    const id = decoder.decode(this.#records.bytes[row >> this.#records.bits].subarray(start, start + length));
    return [id, id, null];
  }

  #placeIn(rows: StreamRows, i: number): number {
    if (this.#placeAt < 0) return 0;
    return rows.place === undefined ? this.#cameBefore + i : rows.place[i];
  }

  /** A kept row as what is joined; rare. */
  rowOf(row: number): JoinRow {
    const key = this.#get(row, KEY);
    const [id, event_id, rests] = this.#idsOf(row);
    return {
      ...{ time: this.timeOf(row), order: this.orderOf(row), stamp: this.#double(row, STAMP) },
      ...{ id, event_id, rests, of_window: this.#isOfWindows },
      place: this.#placeAt < 0 ? 0 : this.#double(row, this.#placeAt),
      tenant: this.#symbols.textOf(this.#keys.tenantOf(key)),
      key: this.#keyShapes.map((shape, k) => readKeyPart(shape, this.#keys.part(key, k), this.#symbols)),
      values: this.#valueAt.map((k, source) => (k < 0 ? null : this.valueOf(row, source))),
    };
  }

  /** Row i of the bound batch, of this time and key, as what is joined. */
  rowIn(rows: StreamRows, i: number, time: number, parts: readonly number[]): JoinRow {
    const { idStart, idBytes, evidenceStart, evidenceBytes } = rows;
    return {
      ...{ time, order: orderOf(rows, i, this.#before), stamp: rows.stamp[i] },
      tenant: this.#symbols.textOf(rows.tenant[i]),
      id: decoder.decode(idBytes.subarray(idStart[i], idStart[i + 1])),
      place: this.#placeIn(rows, i),
      event_id: decoder.decode(evidenceBytes.subarray(evidenceStart[i], evidenceStart[i + 1])),
      of_window: this.#isOfWindows,
      rests: rows.rests?.[i] ?? null,
      key: this.#keyShapes.map((shape, k) => readKeyPart(shape, parts[k], this.#symbols)),
      values: this.#valueAt.map((k, source) => (k < 0 ? null : this.valueIn(i, source))),
    };
  }

  /** What the long texts of a row take (limits.text_bytes_per_group), ids of events among them. */
  longBytesOf(row: number): number {
    if (!this.hasLong) return 0;
    let bytes = 0;
    for (let k = 0; k < this.#shapes.length; k++) {
      if (this.#shapes[k].storage === 'id') bytes += this.#symbols.longBytesOf(this.#double(row, VALUES + k));
    }
    return this.#get(row, ID_LENGTH) < 0 ? bytes + this.#longIds.longBytesOf(row) : bytes;
  }

  /** Whether row i of the bound batch has no long text, and an id that would stand in it. */
  isShort({ idBytes, evidenceBytes, evidenceStart, rests }: StreamRows, i: number): boolean {
    if (this.#symbols.hasLong || idBytes !== evidenceBytes || rests?.[i] != null) return false;
    return evidenceStart[i + 1] - evidenceStart[i] <= INLINE_ID_BYTES;
  }

  /** Whether any row may have a long text. */
  get hasLong(): boolean {
    return this.#symbols.hasLong || this.#longIds.size > 0;
  }

  get live(): number {
    return this.#records.live;
  }

  /** Of one row, without an id that does not fit into it. */
  get row_bytes(): number {
    return this.#records.stride * 8;
  }

  get allocated_bytes(): number {
    return this.#records.allocated_bytes + this.#heldBack.allocated_bytes + this.#longIds.allocated_bytes;
  }

  /** Marks the dictionary ids that rows hold, those that are held back too; their keys are the join's to mark. */
  markUsed(used: Uint8Array): void {
    const ids = this.#shapes.flatMap(({ storage }, k) => (storage === 'id' ? [VALUES + k] : []));
    const isLive = this.#records.liveRecords();
    for (let row = 0; row < isLive.length; row++) {
      if (isLive[row] === 1) for (const place of ids) used[this.#double(row, place)] = 1;
    }
  }

  #at(row: number): number {
    return (row & this.#records.mask) * this.#records.stride;
  }

  #double(row: number, field: number): number {
    return this.#records.doubles[row >> this.#records.bits][this.#at(row) + field];
  }

  #get(row: number, field: number): number {
    return this.#records.ints[row >> this.#records.bits][2 * this.#at(row) + this.#ints + field];
  }

  #set(row: number, field: number, value: number): void {
    this.#records.ints[row >> this.#records.bits][2 * this.#at(row) + this.#ints + field] = value;
  }

  snapshot(): Snapshot {
    return {
      records: this.#records.snapshot(),
      heldBack: this.#heldBack.snapshot(),
      ends: Float64Array.of(this.#first, this.#last, this.#came),
      longIds: this.#longIds.snapshot(),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot; heldBack: Snapshot; ends: Float64Array; longIds: Snapshot };
    this.#records.restore(from.records);
    this.#heldBack.restore(from.heldBack);
    [, this.#last, this.#came] = from.ends;
    this.#setFirst(from.ends[0]);
    this.#longIds.restore(from.longIds);
  }
}
