import type { EntryCursor } from '../log/entry-cursor.ts';
import { BatchRows, type ColumnSizes } from './batch-rows.ts';
import { type Batch, placeColumn } from './batch-writer.ts';
import { LogRows } from './log-rows.ts';
import type { StorePosition } from './position-file.ts';
import type { StoreRow } from './store-client.ts';

type MarkEntry = Parameters<LogRows['mark']>[1];

/** The part of a log that a feed needs; SegmentLog and LogReader have it. */
export interface ReadableLog {
  readBatches(from_position: number): AsyncIterable<EntryCursor>;
  position_at(received_at_ms: number): Promise<number>;
  readonly end_position: number;
}

/**
 * Rows and bytes of one batch: it is in memory as a whole, and the one after it while it is on its way. Of 400,000 rows the
 * store's process took a fifth less in batches of 100,000 than of 50,000: fewer parts to make, and to merge.
 */
const most_rows = 100_000;
const most_bytes = 48 * 1024 * 1024;
/** So far back equal contents without ids are counted again after a restart: far beyond the dedup horizon. */
const count_back_ms = 2 * 3_600_000;

/** What a log holds, batch by batch: the log is read again, so nothing but the position has to be remembered. */
export class LogFeed {
  readonly #log: ReadableLog;
  readonly #source: string;
  #rows: LogRows;
  readonly #most_rows: number;
  /** Everything before it is in batches that next() gave, or in the one that is being made. */
  #through: number;
  readonly #read_from: number;
  #begun = false;
  #sizes: ColumnSizes = new Map();
  /** A batch that is being made; it stands over a failure to read. */
  #made: { readonly from: number; readonly rows: BatchRows } | null = null;

  constructor(log: ReadableLog, { source, log: { through, read_from } }: StorePosition, batch_rows = most_rows) {
    this.#log = log;
    this.#source = source;
    this.#most_rows = batch_rows;
    this.#rows = new LogRows(source);
    this.#through = through;
    this.#read_from = read_from;
  }

  /** Everything before it was read, and is in a batch or waits for its verdict. */
  get through(): number {
    return this.#through;
  }

  /** What waits for its verdict at the end of the last batch, and where that is. */
  pending(): { readonly as_of: number; readonly rows: StoreRow[] } {
    return { as_of: this.#through, rows: this.#rows.pending(this.#through) };
  }

  /** The next batch; null where the log has no more. @param until exactly the batch that ends there */
  async next(until: number | null): Promise<Batch | null> {
    await this.#fill(until);
    return this.#taken();
  }

  /** Reads on, and gives the next batch where it is full by now; else what was read waits for next(). */
  async ahead(): Promise<Batch | null> {
    const { rows } = await this.#fill(null);
    return this.#isFull(rows) ? this.#taken() : null;
  }

  async #fill(until: number | null): Promise<{ readonly rows: BatchRows }> {
    if (!this.#begun) await this.#begin();
    const end = Math.min(until ?? Number.POSITIVE_INFINITY, this.#log.end_position);
    this.#made ??= { from: this.#through, rows: new BatchRows(placeColumn('log_marks'), this.#sizes) };
    const { rows } = this.#made;
    // What was appended may not be on disk yet.
    if (this.#through < end && !(until === null && this.#isFull(rows))) await this.#read(rows, end, until === null);
    return this.#made;
  }

  #isFull({ count, bytes }: BatchRows): boolean {
    return count >= this.#most_rows || bytes >= most_bytes;
  }

  #taken(): Batch | null {
    if (this.#made === null || this.#through === this.#made.from) return null;
    const { from, rows } = this.#made;
    this.#made = null;
    this.#sizes = rows.sizes();
    const read_from = this.#rows.first_pending ?? this.#through;
    return { source: this.#source, from, to: this.#through, read_from, rows: rows.tables() };
  }

  /** Reads on up to `end`, or until the batch is full where it may be cut. */
  async #read(rows: BatchRows, end: number, mayCut: boolean): Promise<void> {
    for await (const at of this.#log.readBatches(this.#through)) {
      while (at.next()) {
        if (at.position >= end) return;
        if (at.isRecord) this.#rows.record(at);
        else if (at.isVerdict) this.#rows.verdict(at, rows);
        else this.#rows.mark(at.position, at.entry() as MarkEntry, rows);
        this.#through = at.position + 1;
        if (mayCut && this.#isFull(rows)) return;
      }
      if (this.#through >= end) return;
    }
  }

  /** Reads what was read before and is not done with: records that wait for verdicts, and the counts of contents. */
  async #begin(): Promise<void> {
    const through = this.#through;
    const rows = new LogRows(this.#source);
    const count_from = through === 0 ? 0 : await this.#countFrom();
    for await (const at of this.#log.readBatches(count_from)) {
      while (at.next() && at.position < through) {
        if (at.isVerdict) rows.forget(at.judged());
        else if (at.isRecord && at.position < this.#read_from) rows.count(at);
        else if (at.isRecord) rows.record(at);
      }
      if (at.position >= through - 1) break;
    }
    this.#rows = rows;
    this.#begun = true;
  }

  async #countFrom(): Promise<number> {
    for await (const at of this.#log.readBatches(this.#read_from)) {
      while (at.next()) {
        if (!at.isRecord) continue;
        const position = await this.#log.position_at(at.received_at - count_back_ms);
        return Math.min(position, this.#read_from);
      }
    }
    return this.#read_from;
  }
}
