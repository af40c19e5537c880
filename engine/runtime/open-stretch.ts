import type { Batch } from '../batch.ts';
import type { Dictionary } from '../decode/dictionary.ts';
import type { StoredRow } from '../door/bounded-door.ts';
import { reserveIds } from '../door/event-batch.ts';
import type { ColumnSource } from './column-sources.ts';
import type { StoredEvents, StoredIds, StoredNumber } from './stored-events.ts';
import { TextColumn } from './text-column.ts';

/** Rows whose texts of some columns nobody reads. */
export interface Unread {
  /** By row 1 where a rule may read it; null: all. */
  readonly isRead: Uint8Array | null;
  /** Columns that are NULL in the others. */
  readonly dispensable: readonly number[];
}

type Places = Readonly<Record<Exclude<StoredNumber, 'time'>, Float64Array>>;

/** HOT. A stretch of stored columns whose rows are being read: its parts as far as they were asked for. */
export class OpenStretch {
  readonly #events: StoredEvents;
  readonly #sources: readonly ColumnSource[];
  /** By number in the stretch, that of the run. */
  readonly #partitions: Int32Array;
  readonly #dictionary: Dictionary;
  readonly #isRead: Uint8Array | null;
  readonly #dispensable: ReadonlySet<number>;
  #time: Float64Array | null = null;
  #tenant: TextColumn | null = null;
  #places: Places | null = null;
  #ids: StoredIds | null = null;
  /** By source; null: from the event itself, or NULL everywhere. */
  #stored: readonly (TextColumn | Float64Array | null)[] | null = null;

  constructor(
    events: StoredEvents,
    sources: readonly ColumnSource[],
    partitions: Int32Array,
    dictionary: Dictionary,
    { isRead, dispensable }: Unread,
  ) {
    this.#events = events;
    this.#sources = sources;
    this.#partitions = partitions;
    this.#dictionary = dictionary;
    this.#isRead = isRead;
    this.#dispensable = new Set(dispensable);
  }

  get time(): Float64Array {
    this.#time ??= this.#events.numbers('time');
    return this.#time;
  }

  get #tenants(): TextColumn {
    this.#tenant ??= new TextColumn(this.#events.tenant(), this.#dictionary);
    return this.#tenant;
  }

  get #columns(): readonly (TextColumn | Float64Array | null)[] {
    this.#stored ??= this.#sources.map(({ from, name }) => {
      const column = from === 'stored' ? this.#events.column(name) : null;
      return column === null || column instanceof Float64Array ? column : new TextColumn(column, this.#dictionary);
    });
    return this.#stored;
  }

  get #numbers(): Places {
    const read = (name: keyof Places) => this.#events.numbers(name);
    this.#places ??= {
      seq: read('seq'),
      partition: read('partition'),
      position: read('position'),
      entry: read('entry'),
    };
    return this.#places;
  }

  /** One row as an event; its `entry` counts from the first record of the stretch. */
  read(event: StoredRow, row: number): void {
    const { seq, partition, position, entry } = this.#numbers;
    this.#ids ??= this.#events.ids();
    const { bytes, ends } = this.#ids;
    event.timestamp = this.time[row];
    event.seq = seq[row];
    event.id = bytes.subarray(row === 0 ? 0 : ends[row - 1], ends[row]);
    event.tenant = this.#tenants.idOf(row);
    event.partition = this.#partitions[partition[row]];
    event.position = position[row];
    event.entry = entry[row];
    for (let k = 0; k < this.#sources.length; k++) {
      const { column } = this.#sources[k];
      event.values[column] = this.#isUnread(row, column) ? 0 : this.#valueOf(k, row, event);
    }
  }

  #isUnread(row: number, column: number): boolean {
    return this.#isRead !== null && this.#isRead[row] === 0 && this.#dispensable.has(column);
  }

  #valueOf(k: number, row: number, event: StoredRow): number {
    const column = this.#columns[k];
    if (column instanceof TextColumn) return column.idOf(row);
    if (column !== null) return column[row];
    const { from, missing } = this.#sources[k];
    if (from === 'timestamp') return event.timestamp;
    return from === 'tenant_id' ? event.tenant : missing;
  }

  /** Appends rows to a batch that has room for them. */
  copyTo(batch: Batch, rows: Int32Array): void {
    const from = batch.count;
    const { seq, partition, position } = this.#numbers;
    const { time } = this;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      batch.time[from + i] = time[row];
      batch.seq[from + i] = seq[row];
      batch.partition[from + i] = this.#partitions[partition[row]];
      batch.position[from + i] = position[row];
    }
    this.#tenants.copyTo(batch.tenant, from, rows);
    this.#copyIds(batch, rows);
    for (let k = 0; k < this.#sources.length; k++) this.#copyColumn(batch, k, rows);
    batch.count += rows.length;
  }

  #copyColumn(batch: Batch, k: number, rows: Int32Array): void {
    const { column, from, missing } = this.#sources[k];
    const stored = this.#columns[k];
    const start = batch.count;
    const target = batch.columns[k];
    if (this.#isRead !== null && this.#dispensable.has(column)) {
      for (let i = 0; i < rows.length; i++) {
        target[start + i] = this.#isRead[rows[i]] === 1 && stored instanceof TextColumn ? stored.idOf(rows[i]) : 0;
      }
    } else if (stored instanceof TextColumn) stored.copyTo(target, start, rows);
    else if (stored !== null) for (let i = 0; i < rows.length; i++) target[start + i] = stored[rows[i]];
    else if (from === 'stored') target.fill(missing, start, start + rows.length);
    else {
      const own = from === 'timestamp' ? batch.time : batch.tenant;
      for (let i = 0; i < rows.length; i++) target[start + i] = own[start + i];
    }
  }

  #copyIds(batch: Batch, rows: Int32Array): void {
    this.#ids ??= this.#events.ids();
    const { bytes, ends } = this.#ids;
    const first = batch.count;
    let end = batch.idStart[first];
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      end += ends[row] - (row === 0 ? 0 : ends[row - 1]);
      batch.idStart[first + i + 1] = end;
    }
    reserveIds(batch, end);
    const { idBytes } = batch;
    let at = batch.idStart[first];
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      for (let from = row === 0 ? 0 : ends[row - 1]; from < ends[row]; from++) idBytes[at++] = bytes[from];
    }
  }

  /** Texts that the dictionary may take back are looked up again. */
  forget(used: Uint8Array): void {
    this.#tenant?.forget(used);
    for (const column of this.#stored ?? []) if (column instanceof TextColumn) column.forget(used);
  }
}
