import type { Batch } from '../batch.ts';
import type { Dictionary } from '../decode/dictionary.ts';
import { reserveIds } from '../door/event-batch.ts';
import type { ColumnStorage } from '../program.ts';
import type { Symbols } from '../route/symbols.ts';

/**
 * Rows of a batch on their way to another thread, with the texts of ids that were not sent before. In `memory`, one behind
 * the other: times, seqs, positions and number columns (float64); tenants, partitions, id columns, ends of event ids, the ids
 * that are new and the ends of their texts (int32); the bytes of event ids, the bytes of the texts.
 */
export interface RowParcel {
  readonly memory: SharedArrayBuffer;
  readonly rows: number;
  readonly id_bytes: number;
  readonly texts: number;
  readonly text_bytes: number;
  /** Ids may stand for other texts than before: only what this parcel and those behind it bring is known. */
  readonly begins_anew: boolean;
}

const utf8 = new TextEncoder();
/** Texts of a batch that took more make room for a while only. */
const KEPT_TEXT_BYTES = 1 << 20;
/** Of a UTF-16 unit, at most. */
const UNIT_BYTES = 3;

/** The columns of a parcel: views of its memory. */
class ParcelViews {
  readonly numbers: readonly Float64Array[];
  readonly ids: readonly Int32Array[];
  readonly id_ends: Int32Array;
  readonly new_ids: Int32Array;
  readonly text_ends: Int32Array;
  readonly id_bytes: Uint8Array;
  readonly text_bytes: Uint8Array;

  constructor({ memory, rows, id_bytes, texts, text_bytes }: RowParcel, numbers: number, ids: number) {
    let at = 0;
    const next = <T>(length: number, width: number, make: (at: number, length: number) => T): T => {
      const view = make(at, length);
      at += length * width;
      return view;
    };
    const floats = (length: number) => next(length, 8, (from, n) => new Float64Array(memory, from, n));
    const ints = (length: number) => next(length, 4, (from, n) => new Int32Array(memory, from, n));
    const bytes = (length: number) => next(length, 1, (from, n) => new Uint8Array(memory, from, n));
    this.numbers = Array.from({ length: numbers }, () => floats(rows));
    this.ids = Array.from({ length: ids }, () => ints(rows));
    this.id_ends = ints(rows);
    this.new_ids = ints(texts);
    this.text_ends = ints(texts);
    this.id_bytes = bytes(id_bytes);
    this.text_bytes = bytes(text_bytes);
  }

  static bytesFor({ rows, id_bytes, texts, text_bytes }: Omit<RowParcel, 'memory'>, numbers: number, ids: number) {
    return 8 * rows * numbers + 4 * rows * (ids + 1) + 8 * texts + id_bytes + text_bytes;
  }
}

/** Of a batch: what is no column. */
const OWN_NUMBERS = 3;
const OWN_IDS = 2;

/** HOT. Packs rows for one other thread, which has a dictionary of its own. */
export class RowSender {
  readonly #symbols: Symbols;
  /** Of the batch, those that the other thread's rules read, in its order. */
  readonly #columns: readonly number[];
  /** By id: the round in which its text was sent last. */
  #sent = new Uint32Array(1024);
  #round = 1;
  #begins_anew = false;
  #newIds = new Int32Array(256);
  #textEnds = new Int32Array(256);
  #texts = 0;
  #textBytes = new Uint8Array(1 << 14);
  #filled = 0;

  constructor(symbols: Symbols, columns: readonly number[]) {
    this.#symbols = symbols;
    this.#columns = columns;
  }

  /** Ids may be taken back from now on and stand for other texts. */
  forget(): void {
    this.#round++;
    this.#begins_anew = true;
  }

  /** @param memoryOf gives memory of at least so many bytes, which nobody else uses until the parcel was unpacked */
  pack(batch: Batch, memoryOf: (bytes: number) => SharedArrayBuffer): RowParcel {
    const { count: rows } = batch;
    this.#texts = 0;
    this.#filled = 0;
    const numbers: Float64Array[] = [batch.time, batch.seq, batch.position];
    const ids: Int32Array[] = [batch.tenant, batch.partition];
    this.#addNew(batch.tenant, rows);
    for (const index of this.#columns) {
      const column = batch.columns[index];
      if (column instanceof Float64Array) numbers.push(column);
      else {
        ids.push(column);
        this.#addNew(column, rows);
      }
    }
    const sizes = {
      ...{ rows, id_bytes: batch.idStart[rows], texts: this.#texts, text_bytes: this.#filled },
      begins_anew: this.#begins_anew,
    };
    this.#begins_anew = false;
    const parcel = { memory: memoryOf(ParcelViews.bytesFor(sizes, numbers.length, ids.length)), ...sizes };
    const views = new ParcelViews(parcel, numbers.length, ids.length);
    for (let k = 0; k < numbers.length; k++) views.numbers[k].set(numbers[k].subarray(0, rows));
    for (let k = 0; k < ids.length; k++) views.ids[k].set(ids[k].subarray(0, rows));
    views.id_ends.set(batch.idStart.subarray(1, rows + 1));
    views.new_ids.set(this.#newIds.subarray(0, this.#texts));
    views.text_ends.set(this.#textEnds.subarray(0, this.#texts));
    views.id_bytes.set(batch.idBytes.subarray(0, sizes.id_bytes));
    views.text_bytes.set(this.#textBytes.subarray(0, this.#filled));
    if (this.#textBytes.length > KEPT_TEXT_BYTES) this.#textBytes = new Uint8Array(1 << 14);
    return parcel;
  }

  get allocated_bytes(): number {
    return this.#sent.byteLength + this.#newIds.byteLength + this.#textEnds.byteLength + this.#textBytes.byteLength;
  }

  #addNew(ids: Int32Array, rows: number): void {
    for (let i = 0; i < rows; i++) {
      const id = ids[i];
      if (id === 0 || (id < this.#sent.length && this.#sent[id] === this.#round)) continue;
      this.#add(id);
    }
  }

  #add(id: number): void {
    if (id >= this.#sent.length) {
      const sent = new Uint32Array(id * 2);
      sent.set(this.#sent);
      this.#sent = sent;
    }
    this.#sent[id] = this.#round;
    const text = this.#symbols.textOf(id);
    if (this.#texts === this.#newIds.length) {
      this.#newIds = doubled(this.#newIds);
      this.#textEnds = doubled(this.#textEnds);
    }
    const most = this.#filled + text.length * UNIT_BYTES;
    if (most > this.#textBytes.length) {
      const bytes = new Uint8Array(most * 2);
      bytes.set(this.#textBytes.subarray(0, this.#filled));
      this.#textBytes = bytes;
    }
    this.#filled += utf8.encodeInto(text, this.#textBytes.subarray(this.#filled)).written;
    this.#newIds[this.#texts] = id;
    this.#textEnds[this.#texts++] = this.#filled;
  }
}

function doubled(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}

/** HOT. Unpacks rows that another thread has sent, with ids of the own dictionary. */
export class RowReceiver {
  readonly #dictionary: Dictionary;
  readonly #storages: readonly ColumnStorage[];
  readonly #numbers: number;
  readonly #ids: number;
  /** By the other's id: the own one. */
  #own = new Int32Array(1024);
  /** The greatest id of the other that has one. */
  #last = 0;
  #text = new Uint8Array(1 << 14);

  /** @param storages of the columns that are sent, in their order */
  constructor(dictionary: Dictionary, storages: readonly ColumnStorage[]) {
    this.#dictionary = dictionary;
    this.#storages = storages;
    this.#numbers = OWN_NUMBERS + storages.filter((storage) => storage === 'number').length;
    this.#ids = OWN_IDS + storages.filter((storage) => storage === 'id').length;
  }

  /** Into the batch, whose columns are those that are sent. The parcel's memory is free again afterwards. */
  unpack(parcel: RowParcel, batch: Batch): void {
    const { rows } = parcel;
    const views = new ParcelViews(parcel, this.#numbers, this.#ids);
    this.#learn(parcel, views);
    reserveRows(batch, rows);
    batch.count = rows;
    batch.time.set(views.numbers[0]);
    batch.seq.set(views.numbers[1]);
    batch.position.set(views.numbers[2]);
    this.#translate(views.ids[0], batch.tenant);
    batch.partition.set(views.ids[1]);
    batch.idStart[0] = 0;
    batch.idStart.set(views.id_ends, 1);
    reserveIds(batch, parcel.id_bytes);
    batch.idBytes.set(views.id_bytes);
    let [number, id] = [OWN_NUMBERS, OWN_IDS];
    for (let k = 0; k < this.#storages.length; k++) {
      if (this.#storages[k] === 'number') batch.columns[k].set(views.numbers[number++]);
      else this.#translate(views.ids[id++], batch.columns[k] as Int32Array);
    }
  }

  #learn({ texts, text_bytes, begins_anew }: RowParcel, views: ParcelViews): void {
    if (begins_anew) {
      this.#own.fill(0, 0, this.#last + 1);
      this.#last = 0;
    }
    // The dictionary reads four bytes at a time, and a decoder may refuse memory that is shared.
    if (this.#text.length < text_bytes + UNIT_BYTES) this.#text = new Uint8Array(2 * text_bytes + UNIT_BYTES);
    this.#text.set(views.text_bytes);
    const words = new DataView(this.#text.buffer);
    for (let k = 0, start = 0; k < texts; k++) {
      const id = views.new_ids[k];
      const end = views.text_ends[k];
      if (id >= this.#own.length) this.#grow(id);
      this.#own[id] = this.#dictionary.idOfBytes(this.#text, words, start, end);
      this.#last = Math.max(this.#last, id);
      start = end;
    }
    if (this.#text.length > KEPT_TEXT_BYTES) this.#text = new Uint8Array(1 << 14);
  }

  get allocated_bytes(): number {
    return this.#own.byteLength + this.#text.byteLength;
  }

  #grow(id: number): void {
    const own = new Int32Array(id * 2);
    own.set(this.#own);
    this.#own = own;
  }

  #translate(from: Int32Array, to: Int32Array): void {
    const own = this.#own;
    for (let i = 0; i < from.length; i++) to[i] = own[from[i]];
  }

  /** Marks the own ids of what was sent: the other thread does not send their texts again. */
  markUsed(used: Uint8Array): void {
    for (let id = 1; id <= this.#last; id++) used[this.#own[id]] = 1;
  }
}

/** A batch may have more rows than another engine's. */
function reserveRows(batch: Batch, rows: number): void {
  if (rows <= batch.time.length) return;
  const capacity = Math.max(rows, batch.time.length * 2);
  batch.time = new Float64Array(capacity);
  batch.seq = new Float64Array(capacity);
  batch.tenant = new Int32Array(capacity);
  batch.idStart = new Int32Array(capacity + 1);
  batch.partition = new Int32Array(capacity);
  batch.position = new Float64Array(capacity);
  batch.columns = batch.columns.map((column) => {
    return column instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity);
  });
}
