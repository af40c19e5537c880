import type { SourceRecord } from '../../engine/index.ts';
import { type EventRow, eventColumns, type RowPlace } from './event-row.ts';
import type { EventWriter } from './event-writer.ts';
import { NativeBlock } from './native-block.ts';
import type { StoreRow } from './store-client.ts';
import { EventRows, JsonRows, type TableRows } from './table-rows.ts';

interface Events {
  readonly block: NativeBlock<EventRow>;
  readonly places: number[];
}

/** About what a row takes beside its record, in bytes. */
const row_bytes = 512;

/** By table, bytes of each column. */
export type ColumnSizes = ReadonlyMap<string, readonly number[]>;
/** One batch is not quite as large as another. */
const headroom = 1.1;

/** The rows of a batch while it is made, by table. */
export class BatchRows {
  /** Rows of all tables, and about the bytes that they have. */
  count = 0;
  bytes = 0;
  readonly #place: string;
  readonly #rows = new Map<string, StoreRow[]>();
  readonly #events = new Map<string, Events>();
  readonly #sizes: ColumnSizes;

  /**
   * @param place the column that says where a row came from
   * @param sizes of the batch before, so that memory has the right size from the start
   */
  constructor(place: string, sizes: ColumnSizes = new Map()) {
    this.#place = place;
    this.#sizes = sizes;
  }

  /** For the batch behind this one. */
  sizes(): ColumnSizes {
    return new Map(
      [...this.#events].map(([table, { block }]) => [table, block.sizes().map((size) => Math.ceil(size * headroom))]),
    );
  }

  push(table: string, row: StoreRow, bytes = 0): void {
    const known = this.#rows.get(table);
    if (known === undefined) this.#rows.set(table, [row]);
    else known.push(row);
    this.count++;
    this.bytes += row_bytes + bytes;
  }

  /** An event by its row. */
  pushEvent(table: string, row: EventRow): void {
    this.#eventsOf(table).block.add(row);
    this.#pushed(table, row.verdict_position, row.raw.length);
  }

  /** An event by its record; see EventWriter.write. */
  writeEvent(
    writer: EventWriter,
    table: string,
    place: RowPlace,
    record: SourceRecord,
    given: string | null,
    detail: string,
  ): boolean {
    if (!writer.write(this.#eventsOf(table).block, place, record, given, detail)) return false;
    this.#pushed(table, place.verdict_position, record.bytes.length);
    return true;
  }

  #pushed(table: string, place: number, bytes: number): void {
    this.#eventsOf(table).places.push(place);
    this.count++;
    this.bytes += row_bytes + bytes;
  }

  #eventsOf(table: string): Events {
    let events = this.#events.get(table);
    if (events === undefined) {
      events = { block: new NativeBlock(eventColumns, this.#sizes.get(table)), places: [] };
      this.#events.set(table, events);
    }
    return events;
  }

  /** What is sent; nothing is pushed from then on. */
  tables(): Map<string, TableRows> {
    const tables = new Map<string, TableRows>();
    for (const [table, rows] of this.#rows) tables.set(table, new JsonRows(rows, this.#place));
    for (const [table, { block, places }] of this.#events) {
      if (places.length > 0) tables.set(table, new EventRows(block, places));
    }
    return tables;
  }
}
