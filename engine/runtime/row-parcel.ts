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

/** Texts of a batch that took more make room for a while only. */
export const KEPT_TEXT_BYTES = 1 << 20;
/** Of a UTF-16 unit, at most. */
export const UNIT_BYTES = 3;

/** The columns of a parcel: views of its memory. */
export class ParcelViews {
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
