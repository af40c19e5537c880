import type { EventRow } from './event-row.ts';
import type { NativeBlock } from './native-block.ts';
import type { StoreClient, StoreRow } from './store-client.ts';

type Settings = Readonly<Record<string, string | number>>;

/** Rows on their way into one table. Each knows its place: the verdict's in the log, or the line's in its file. */
export interface TableRows {
  readonly count: number;
  placeOf(row: number): number;
  /** Some of them, by their numbers. */
  pick(rows: readonly number[]): TableRows;
  send(client: StoreClient, table: string, settings: Settings): Promise<void>;
}

/** What is few goes as JSON, and is an object until then. */
export class JsonRows implements TableRows {
  readonly #rows: readonly StoreRow[];
  readonly #place: string;

  /** @param place the column that says where a row came from */
  constructor(rows: readonly StoreRow[], place: string) {
    this.#rows = rows;
    this.#place = place;
  }

  get count(): number {
    return this.#rows.length;
  }

  placeOf(row: number): number {
    return this.#rows[row][this.#place] as number;
  }

  pick(rows: readonly number[]): TableRows {
    return new JsonRows(
      rows.map((row) => this.#rows[row]),
      this.#place,
    );
  }

  send(client: StoreClient, table: string, settings: Settings): Promise<void> {
    return client.insert(table, this.#rows, settings);
  }
}

/** Events, which are many: columns from the start. */
export class EventRows implements TableRows {
  readonly #block: NativeBlock<EventRow>;
  readonly #places: readonly number[];

  constructor(block: NativeBlock<EventRow>, places: readonly number[]) {
    this.#block = block;
    this.#places = places;
  }

  get count(): number {
    return this.#places.length;
  }

  placeOf(row: number): number {
    return this.#places[row];
  }

  pick(rows: readonly number[]): TableRows {
    return new EventRows(
      this.#block.pick(rows),
      rows.map((row) => this.#places[row]),
    );
  }

  send(client: StoreClient, table: string, settings: Settings): Promise<void> {
    return client.insertBytes(`INSERT INTO ${table} FORMAT Native`, this.#block.pieces(), settings);
  }
}
