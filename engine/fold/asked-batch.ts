import type { Column } from '../batch.ts';
import { noRows, type StreamRows } from '../route/stream-rows.ts';

/** Rows in a batch. */
export const ASKED_AT_ONCE = 1024;

/** HOT. Rows that sleep (sleeping-rows.ts), copied into columns, so that a lookup is asked for many of them at once. */
export class AskedBatch {
  readonly rows: StreamRows;
  /** The places of all rows, in order. */
  readonly list = Int32Array.from({ length: ASKED_AT_ONCE }, (_, n) => n);
  count = 0;
  readonly #columns: readonly Column[];

  /** `columns`: what is copied of each row, by its number in the stream; `isId`: whether it holds dictionary ids. */
  constructor(columns: readonly number[], isId: readonly boolean[]) {
    this.#columns = isId.map((id) => (id ? new Int32Array(ASKED_AT_ONCE) : new Float64Array(ASKED_AT_ONCE)));
    const all: Column[] = [];
    for (const [k, column] of columns.entries()) all[column] = this.#columns[k];
    const time = new Float64Array(ASKED_AT_ONCE);
    this.rows = { ...noRows, time, stamp: time, tenant: new Int32Array(ASKED_AT_ONCE), columns: all };
  }

  /** Of a row that stands in `doubles`: its time, and the first of its columns. */
  add(doubles: Float64Array, time: number, columns: number, tenant: number): void {
    const n = this.count++;
    this.rows.time[n] = doubles[time];
    this.rows.tenant[n] = tenant;
    for (let k = 0; k < this.#columns.length; k++) this.#columns[k][n] = doubles[columns + k];
  }
}
