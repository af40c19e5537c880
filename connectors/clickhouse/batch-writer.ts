import { tableOf } from './log-rows.ts';
import { type StoreClient, StoreRefused } from './store-client.ts';
import type { TableRows } from './table-rows.ts';

/** A batch in the units of what it was made from: positions of the log, or bytes of a file. */
export interface Batch {
  readonly source: string;
  readonly from: number;
  /** Behind its last row. */
  readonly to: number;
  /** Of the log: where reading begins after a restart that has everything before `to`. */
  readonly read_from?: number;
  /** By table. */
  readonly rows: ReadonlyMap<string, TableRows>;
}

const insertSettings = {
  insert_deduplicate: 1,
  async_insert: 0,
  // One block: a batch that is sent again is the same block, and is known by its token.
  max_insert_block_size: 1_048_576,
  max_insert_threads: 1,
  input_format_parallel_parsing: 0,
  // A day's history may span years.
  max_partitions_per_insert_block: 0,
  input_format_skip_unknown_fields: 0,
};

const logTables: ReadonlySet<string> = new Set([...Object.values(tableOf), 'log_marks']);

/** The column that says where a row came from in the unit of its batch. */
export function placeColumn(table: string): string {
  return logTables.has(table) ? 'verdict_position' : 'record_offset';
}

/**
 * Writes batches so that none of their rows is lost and none is there twice. Each insert carries a token made of the
 * batch's place: the store drops a block that it has, also where the answer to the first one never came. Where the same
 * rows may have been written in other batches (a killed Weir, a position that was lost), those that are there are asked for
 * first and left out.
 */
export class BatchWriter {
  readonly #client: StoreClient;
  readonly #refused: (table: string, place: number, error: StoreRefused) => void;
  /** By source: up to here rows may be there already. */
  readonly #doubtful = new Map<string, number>();

  /** @param refused told of a row that the store will never take; the batch goes on without it */
  constructor(client: StoreClient, refused: (table: string, place: number, error: StoreRefused) => void) {
    this.#client = client;
    this.#refused = refused;
  }

  /** Asks how far rows of a source are in these tables: up to there each batch is compared with what is there. */
  async begin(source: string, tables: readonly string[]): Promise<void> {
    let known = 0;
    for (const table of tables) {
      const place = placeColumn(table);
      const query = `SELECT max(${place}) AS last, count() AS rows FROM ${table} WHERE source = {source:String}`;
      const [{ last, rows }] = await this.#client.rows<{ last: string; rows: string }>(query, { params: { source } });
      if (Number(rows) > 0) known = Math.max(known, Number(last) + 1);
    }
    this.#doubtful.set(source, known);
  }

  /** Resolves when all rows are there. After an error the same batch, with the same bounds, is written again. */
  async write(batch: Batch): Promise<void> {
    const { source, from, to, rows } = batch;
    const isDoubtful = from < (this.#doubtful.get(source) ?? 0);
    const written = [...rows].map(async ([table, all]) => {
      const missing = isDoubtful ? await this.#missing(batch, table, all) : all;
      if (missing.count > 0) await this.#insert(table, missing, `${source} ${table} ${from} ${to}`);
    });
    // All of them are over before the batch is tried again.
    for (const result of await Promise.allSettled(written)) if (result.status === 'rejected') throw result.reason;
  }

  /** Something went wrong in the middle: what is before `to` may be there. */
  doubt(source: string, to: number): void {
    this.#doubtful.set(source, Math.max(to, this.#doubtful.get(source) ?? 0));
  }

  async #missing({ source, from, to }: Batch, table: string, rows: TableRows): Promise<TableRows> {
    const place = placeColumn(table);
    const bounds = `${place} >= {from:UInt64} AND ${place} < {to:UInt64}`;
    const query = `SELECT DISTINCT ${place} AS place FROM ${table} WHERE source = {source:String} AND ${bounds}`;
    const found = await this.#client.rows<{ place: string }>(query, { params: { source, from, to } });
    const there = new Set(found.map((row) => Number(row.place)));
    if (there.size === 0) return rows;
    return rows.pick([...Array(rows.count).keys()].filter((row) => !there.has(rows.placeOf(row))));
  }

  /** A batch that is refused for one of its rows is halved until that row stands alone. */
  async #insert(table: string, rows: TableRows, token: string): Promise<void> {
    try {
      await rows.send(this.#client, table, { ...insertSettings, insert_deduplication_token: token });
    } catch (error) {
      if (!(error instanceof StoreRefused) || !rowFaults.has(error.code)) throw error;
      if (rows.count === 1) {
        this.#refused(table, rows.placeOf(0), error);
        return;
      }
      const all = [...Array(rows.count).keys()];
      const half = rows.count >> 1;
      await this.#insert(table, rows.pick(all.slice(0, half)), `${token} 0`);
      await this.#insert(table, rows.pick(all.slice(half)), `${token} 1`);
    }
  }
}

/** Faults of a value: out of its range, not of its type, not to be parsed. */
const rowFaults = new Set([6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 321, 349, 407]);
