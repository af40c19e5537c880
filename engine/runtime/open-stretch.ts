import type { Batch } from '../batch.ts';
import type { Dictionary } from '../decode/dictionary.ts';
import type { StoredRow } from '../door/bounded-door.ts';
import { reserveIds } from '../door/event-batch.ts';
import type { ColumnSpec } from '../program.ts';
import type { ColumnSource } from './column-sources.ts';
import { StoredDetails } from './stored-details.ts';
import type { StoredEvents, StoredIds, StoredNumber } from './stored-events.ts';
import { TextColumn } from './text-column.ts';

/** Rows whose texts of some columns nobody reads. */
export interface Unread {
  /** By row 1 where a rule may read it; null: all. */
  readonly isRead: Uint8Array | null;
  /** Columns that are NULL in the others. */
  readonly dispensable: ReadonlySet<number>;
}

/** HOT. A stretch of stored columns whose rows are being read: its parts as far as they were asked for. */
export class OpenStretch {
  readonly #events: StoredEvents;
  /** That are read, rising; an event is known by its place among them. */
  readonly #rows: Int32Array<ArrayBuffer>;
  readonly #sources: readonly ColumnSource[];
  /** By number in the stretch, that of the run. */
  readonly #partitions: Int32Array;
  readonly #dictionary: Dictionary;
  readonly #unread: Unread;
  readonly #columnSpecs: readonly ColumnSpec[];
  readonly #hasDetails: boolean;
  #time: Float64Array | null = null;
  #tenant: TextColumn | null = null;
  readonly #numbers = new Map<StoredNumber, Float64Array>();
  #ids: StoredIds | null = null;
  /** By source; null: from the event itself, or NULL everywhere. */
  #stored: readonly (TextColumn | Float64Array | null)[] | null = null;
  #details: StoredDetails | null = null;

  constructor(
    events: StoredEvents,
    rows: Int32Array<ArrayBuffer>,
    sources: readonly ColumnSource[],
    partitions: Int32Array,
    columns: readonly ColumnSpec[],
    dictionary: Dictionary,
    unread: Unread,
  ) {
    this.#events = events;
    this.#rows = rows;
    this.#sources = sources;
    this.#partitions = partitions;
    this.#dictionary = dictionary;
    this.#columnSpecs = columns;
    this.#unread = unread;
    this.#hasDetails = sources.some(({ from }) => from === 'details');
  }

  get #ofDetails(): StoredDetails {
    this.#details ??= new StoredDetails(this.#events, this.#sources, this.#columnSpecs, this.#dictionary);
    return this.#details;
  }

  /** By place. */
  get time(): Float64Array {
    this.#time ??= this.#events.numbers('time', this.#some);
    return this.#time;
  }

  /** Undefined: all of them. Numbers of few rows are not made of all. */
  get #some(): Int32Array | undefined {
    return this.#rows.length === this.#events.count ? undefined : this.#rows;
  }

  /** Read when it is first asked for: of rows that go straight into a batch nobody asks for the entry. */
  #number(name: Exclude<StoredNumber, 'time'>): Float64Array {
    const isKnown = name === 'partition' && this.#partitions.length === 1;
    const readNow = () => (isKnown ? new Float64Array(this.#rows.length) : this.#events.numbers(name, this.#some));
    const read = this.#numbers.get(name) ?? readNow();
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

  /** The row at a place as an event; its `entry` counts from the first record of the stretch. */
  read(event: StoredRow, place: number): void {
    this.#ids ??= this.#events.ids(this.#some);
    const { bytes, starts, ends } = this.#ids;
    const row = this.#rows[place];
    event.timestamp = this.time[place];
    event.seq = this.#number('seq')[place];
    event.id = bytes.subarray(starts[place], ends[place]);
    event.tenant = this.#tenants.idOf(row);
    event.partition = this.#partitions[this.#number('partition')[place]];
    event.position = this.#number('position')[place];
    event.entry = this.#number('entry')[place];
    if (this.#hasDetails) this.#ofDetails.read(row, event.values);
    for (let k = 0; k < this.#sources.length; k++) {
      const { column, missing, from } = this.#sources[k];
      if (this.#isUnread(row, column)) event.values[column] = missing;
      else if (from !== 'details') event.values[column] = this.#valueOf(k, row, event);
    }
  }

  #isUnread(row: number, column: number): boolean {
    const { isRead, dispensable } = this.#unread;
    return isRead !== null && isRead[row] === 0 && dispensable.has(column);
  }

  #valueOf(k: number, row: number, event: StoredRow): number {
    const column = this.#columns[k];
    if (column instanceof TextColumn) return column.idOf(row);
    if (column !== null) return column[row];
    const { from, missing } = this.#sources[k];
    if (from === 'timestamp') return event.timestamp;
    return from === 'tenant_id' ? event.tenant : missing;
  }

  /** Appends the rows of some places, from one on and before another, to a batch that has room for them. */
  copyTo(batch: Batch, begin: number, end: number): void {
    const from = batch.count - begin;
    const { time } = this;
    const [seq, partition, position] = [this.#number('seq'), this.#number('partition'), this.#number('position')];
    for (let place = begin; place < end; place++) {
      batch.time[from + place] = time[place];
      batch.seq[from + place] = seq[place];
      batch.partition[from + place] = this.#partitions[partition[place]];
      batch.position[from + place] = position[place];
    }
    const rows = this.#rows.subarray(begin, end);
    this.#tenants.copyTo(batch.tenant, batch.count, rows);
    this.#copyIds(batch, begin, end);
    for (let k = 0; k < this.#sources.length; k++) this.#copyColumn(batch, k, rows);
    if (this.#hasDetails) this.#ofDetails.copyTo(batch, rows);
    batch.count += rows.length;
  }

  #copyColumn(batch: Batch, k: number, rows: Int32Array): void {
    const { column, from, missing } = this.#sources[k];
    if (from === 'details') return;
    const { isRead, dispensable } = this.#unread;
    const stored = this.#columns[k];
    const start = batch.count;
    const target = batch.columns[k];
    if (isRead !== null && dispensable.has(column)) {
      for (let i = 0; i < rows.length; i++) {
        target[start + i] = isRead[rows[i]] === 1 && stored instanceof TextColumn ? stored.idOf(rows[i]) : 0;
      }
    } else if (stored instanceof TextColumn) stored.copyTo(target, start, rows);
    else if (stored !== null) for (let i = 0; i < rows.length; i++) target[start + i] = stored[rows[i]];
    else if (from === 'stored') target.fill(missing, start, start + rows.length);
    else {
      const own = from === 'timestamp' ? batch.time : batch.tenant;
      for (let i = 0; i < rows.length; i++) target[start + i] = own[start + i];
    }
  }

  #copyIds(batch: Batch, begin: number, end: number): void {
    this.#ids ??= this.#events.ids(this.#some);
    const { bytes, starts, ends } = this.#ids;
    const first = batch.count;
    let last = batch.idStart[first];
    for (let place = begin; place < end; place++) {
      last += ends[place] - starts[place];
      batch.idStart[first + place - begin + 1] = last;
    }
    reserveIds(batch, last);
    const { idBytes } = batch;
    let at = batch.idStart[first];
    for (let place = begin; place < end; place++) {
      for (let from = starts[place]; from < ends[place]; from++) idBytes[at++] = bytes[from];
    }
  }

  /** Texts that the dictionary may take back are looked up again. */
  forget(used: Uint8Array): void {
    this.#tenant?.forget(used);
    for (const column of this.#stored ?? []) if (column instanceof TextColumn) column.forget(used);
  }
}
