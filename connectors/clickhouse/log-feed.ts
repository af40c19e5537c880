import type { LogBatch } from '../log/log-reader.ts';
import type { Batch } from './batch-writer.ts';
import { LogRows, type RowsByTable } from './log-rows.ts';
import type { StorePosition } from './position-file.ts';
import type { StoreRow } from './store-client.ts';

/** The part of a log that a feed needs; SegmentLog and LogReader have it. */
export interface ReadableLog {
  readBatches(from_position: number): AsyncIterable<LogBatch>;
  position_at(received_at_ms: number): Promise<number>;
  readonly end_position: number;
}

/** Rows and bytes of one batch: it is in memory as a whole. */
const most_rows = 10_000;
const most_bytes = 16 * 1024 * 1024;
/** So far back equal contents without ids are counted again after a restart: far beyond the dedup horizon. */
const count_back_ms = 2 * 3_600_000;

/** What a log holds, batch by batch: the log is read again, so nothing but the position has to be remembered. */
export class LogFeed {
  readonly #log: ReadableLog;
  readonly #source: string;
  readonly #rows: LogRows;
  readonly #most_rows: number;
  /** Everything before it is in batches that next() gave. */
  #through: number;
  readonly #read_from: number;
  #begun = false;

  constructor(log: ReadableLog, { source, log: { through, read_from } }: StorePosition, batch_rows = most_rows) {
    this.#log = log;
    this.#source = source;
    this.#most_rows = batch_rows;
    this.#rows = new LogRows(source);
    this.#through = through;
    this.#read_from = read_from;
  }

  get source(): string {
    return this.#source;
  }

  /** Where reading would begin after a restart that has `through` from here. */
  get read_from(): number {
    return this.#rows.first_pending ?? this.#through;
  }

  /** What waits for its verdict at the end of the last batch, and where that is. */
  pending(): { readonly as_of: number; readonly rows: StoreRow[] } {
    return { as_of: this.#through, rows: this.#rows.pending(this.#through) };
  }

  /** The next batch; null where the log has no more. @param until exactly the batch that ends there */
  async next(until: number | null): Promise<Batch | null> {
    const from = this.#through;
    if (!this.#begun) await this.#begin();
    const end = Math.min(until ?? Number.POSITIVE_INFINITY, this.#log.end_position);
    if (from >= end) return null;
    const rows: RowsByTable = new Map();
    let [count, bytes] = [0, 0];
    for await (const { first_position, entries } of this.#log.readBatches(from)) {
      for (let i = 0; i < entries.length; i++) {
        const position = first_position + i;
        if (position >= end) break;
        const entry = entries[i];
        this.#through = position + 1;
        if (entry.kind === 'record') {
          this.#rows.record(position, entry.record);
          continue;
        }
        const made =
          entry.kind === 'verdict'
            ? this.#rows.verdict(position, entry)
            : { table: 'log_marks', row: this.#rows.mark(position, entry) };
        if (made === null) continue;
        bytes += put(rows, made.table, made.row);
        count++;
        if (until === null && (count >= this.#most_rows || bytes >= most_bytes)) return this.#batch(from, rows);
      }
      if (this.#through >= end) break;
    }
    // What was appended may not be on disk yet.
    return this.#through === from ? null : this.#batch(from, rows);
  }

  #batch(from: number, rows: RowsByTable): Batch {
    return { source: this.#source, from, to: this.#through, rows };
  }

  /** Reads what was read before and is not done with: records that wait for verdicts, and the counts of contents. */
  async #begin(): Promise<void> {
    this.#begun = true;
    const through = this.#through;
    if (through === 0) return;
    const count_from = await this.#countFrom();
    for await (const { first_position, entries } of this.#log.readBatches(count_from)) {
      for (let i = 0; i < entries.length && first_position + i < through; i++) {
        const entry = entries[i];
        const position = first_position + i;
        if (entry.kind === 'verdict') this.#rows.forget(entry.position);
        else if (entry.kind === 'record' && position < this.#read_from) this.#rows.count(entry.record);
        else if (entry.kind === 'record') this.#rows.record(position, entry.record);
      }
      if (first_position + entries.length >= through) break;
    }
  }

  async #countFrom(): Promise<number> {
    for await (const { entries } of this.#log.readBatches(this.#read_from)) {
      const record = entries.find((entry) => entry.kind === 'record');
      if (record === undefined) continue;
      const position = await this.#log.position_at(record.record.received_at - count_back_ms);
      return Math.min(position, this.#read_from);
    }
    return this.#read_from;
  }
}

/** Gives about the bytes that the row has. */
function put(rows: RowsByTable, table: string, row: StoreRow): number {
  const known = rows.get(table);
  if (known === undefined) rows.set(table, [row]);
  else known.push(row);
  const { raw, bytes } = row as { raw?: string; bytes?: string };
  return 512 + (raw?.length ?? 0) + (bytes?.length ?? 0);
}
