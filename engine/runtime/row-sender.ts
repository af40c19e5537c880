import type { Batch } from '../batch.ts';
import type { Symbols } from '../route/symbols.ts';
import { KEPT_TEXT_BYTES, ParcelViews, type RowParcel, UNIT_BYTES } from './row-parcel.ts';

const utf8 = new TextEncoder();

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
