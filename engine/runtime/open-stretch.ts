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
  readonly #numbers = new Map<StoredNumber, Float64Array>();
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

  /** Read when it is first asked for: of rows that go straight into a batch nobody asks for the entry. */
  #number(name: Exclude<StoredNumber, 'time'>): Float64Array {
    const read = this.#numbers.get(name) ?? this.#events.numbers(name);
    this.#numbers.set(name, read);
    return read;
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

  /** One row as an event; its `entry` counts from the first record of the stretch. */
  read(event: StoredRow, row: number): void {
    this.#ids ??= this.#events.ids();
    const { bytes, ends } = this.#ids;
    event.timestamp = this.time[row];
    event.seq = this.#number('seq')[row];
    event.id = bytes.subarray(row === 0 ? 0 : ends[row - 1], ends[row]);
    event.tenant = this.#tenants.idOf(row);
    event.partition = this.#partitions[this.#number('partition')[row]];
    event.position = this.#number('position')[row];
    event.entry = this.#number('entry')[row];
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
    const { time } = this;
    const [seq, partition, position] = [this.#number('seq'), this.#number('partition'), this.#number('position')];
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
