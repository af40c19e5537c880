import { NativeData } from './native-data.ts';

/**
 * A block in ClickHouse's Native format: column by column, as the store keeps it, so that it is read four times as fast
 * as JSON (https://clickhouse.com/docs/interfaces/formats/Native). LowCardinality columns take plain texts.
 */
export type NativeType =
  | 'String'
  | 'UInt64'
  | 'Int64'
  | 'Nullable(Int64)'
  | 'Nullable(Float64)'
  | "DateTime64(3, 'UTC')";

export interface NativeColumn<Row> {
  readonly name: string;
  readonly type: NativeType;
  /** A text for String, else a number (a time in milliseconds); null only where the type says Nullable. */
  readonly of: (row: Row) => string | number | null;
}

/** Rows of one table on their way into it. Integers beyond 2^53 are not taken: nothing in Weir holds one as a number. */
export class NativeBlock<Row> {
  readonly columns: readonly NativeColumn<Row>[];
  /** By column: what the rows so far have there. */
  readonly data: readonly NativeData[];
  #rows = 0;

  constructor(columns: readonly NativeColumn<Row>[]) {
    this.columns = columns;
    this.data = columns.map(({ type }) => new NativeData(type.startsWith('Nullable')));
  }

  get rows(): number {
    return this.#rows;
  }

  add(row: Row): void {
    for (let i = 0; i < this.columns.length; i++) {
      const { type, of } = this.columns[i];
      const value = of(row);
      const data = this.data[i];
      if (type === 'String') data.text(value as string);
      else if (value === null) data.absent();
      else if (type === 'Nullable(Float64)') data.float64(value as number);
      else data.int64(value as number);
    }
    this.#rows++;
  }

  /** A row whose values were put into `data` one by one, one into each. */
  added(): void {
    this.#rows++;
  }

  /** A block of some of these rows, by their numbers, in this order. */
  pick(rows: readonly number[]): NativeBlock<Row> {
    const picked = new NativeBlock(this.columns);
    this.data.forEach((data, i) => {
      const isText = this.columns[i].type === 'String';
      const starts = isText ? data.textStarts(this.#rows) : null;
      for (const row of rows) {
        if (starts === null) picked.data[i].copyNumber(data, row);
        else picked.data[i].copyBytes(data, starts[row], starts[row + 1]);
      }
    });
    picked.#rows = rows.length;
    return picked;
  }

  /** The whole block as pieces that follow one another. They are views: nothing may be added while they are in use. */
  pieces(): Uint8Array[] {
    const head = new NativeData(false);
    head.size(this.columns.length);
    head.size(this.#rows);
    const pieces = [head.written()];
    for (let i = 0; i < this.columns.length; i++) {
      const { name, type } = this.columns[i];
      const title = new NativeData(false);
      title.text(name);
      title.text(type);
      pieces.push(title.written());
      const { nulls } = this.data[i];
      if (nulls !== null) pieces.push(nulls);
      pieces.push(this.data[i].written());
    }
    return pieces;
  }

  /** Bytes of all columns, without their names. */
  get size(): number {
    return this.data.reduce((sum, { length }) => sum + length, 0);
  }
}
