import type { Batch } from '../batch.ts';
import type { Dictionary } from '../decode/dictionary.ts';
import { reserveIds } from '../door/event-batch.ts';
import type { ColumnStorage } from '../program.ts';
import { KEPT_TEXT_BYTES, ParcelViews, type RowParcel, UNIT_BYTES } from './row-parcel.ts';

/** Of a batch: what is no column. */
const OWN_NUMBERS = 3;
const OWN_IDS = 2;

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
