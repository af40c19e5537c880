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

/** One block of these rows. Integers beyond 2^53 are not taken: nothing in Weir holds one as a number. */
export function nativeBlock<Row>(columns: readonly NativeColumn<Row>[], rows: readonly Row[]): Uint8Array {
  const writer = new BlockWriter();
  writer.size(columns.length);
  writer.size(rows.length);
  for (const { name, type, of } of columns) {
    writer.text(name);
    writer.text(type);
    if (type === 'String') {
      for (const row of rows) writer.text(of(row) as string);
    } else if (type === 'Nullable(Int64)' || type === 'Nullable(Float64)') {
      for (const row of rows) writer.byte(of(row) === null ? 1 : 0);
      for (const row of rows) {
        const value = (of(row) ?? 0) as number;
        if (type === 'Nullable(Int64)') writer.int64(value);
        else writer.float64(value);
      }
    } else {
      for (const row of rows) writer.int64(of(row) as number);
    }
  }
  return writer.written();
}

class BlockWriter {
  #bytes = Buffer.allocUnsafe(1024 * 1024);
  #end = 0;

  #room(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#end + more, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#end++] = value;
  }

  /** Seven bits a byte, lowest first. */
  size(value: number): void {
    this.#room(10);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#end++] = (rest % 128) | 128;
    this.#bytes[this.#end++] = rest;
  }

  text(value: string): void {
    this.#room(value.length * 3 + 10);
    // Most are short: written behind one byte for their length, which is enough below 128.
    if (value.length < 128) {
      const length = this.#bytes.write(value, this.#end + 1);
      if (length < 128) {
        this.#bytes[this.#end] = length;
        this.#end += 1 + length;
        return;
      }
    }
    this.size(Buffer.byteLength(value));
    this.#end += this.#bytes.write(value, this.#end);
  }

  /** Two's complement, low word first. */
  int64(value: number): void {
    this.#room(8);
    const low = value >>> 0;
    this.#bytes.writeUInt32LE(low, this.#end);
    this.#bytes.writeInt32LE((value - low) / 4_294_967_296, this.#end + 4);
    this.#end += 8;
  }

  float64(value: number): void {
    this.#room(8);
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }
}
