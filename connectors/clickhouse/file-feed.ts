import { errorCode, type FilePort, nodeFiles, readAt } from '../files/file-port.ts';
import { BatchRows } from './batch-rows.ts';
import { type Batch, placeColumn } from './batch-writer.ts';
import type { FilePosition } from './position-file.ts';

const batch_bytes = 8 * 1024 * 1024;
const newline = 10;

/** Makes rows of one line that stands at an offset of a file. */
export type RowsOfLine = (source: string, offset: number, line: string, rows: BatchRows) => void;

/** The records of a file of NDJSON that only grows, batch by batch, as far as they are on disk. */
export class FileFeed {
  readonly #path: string;
  readonly #source: string;
  readonly #durable: () => number;
  readonly #rowsOf: RowsOfLine;
  readonly #files: FilePort;
  #through: number;
  #generation: number;

  /** @param durable bytes of the file that are on disk */
  constructor(
    path: string,
    {
      source,
      position,
      durable,
      rowsOf,
      files = nodeFiles,
    }: {
      readonly source: string;
      readonly position: FilePosition;
      readonly durable: () => number;
      readonly rowsOf: RowsOfLine;
      readonly files?: FilePort;
    },
  ) {
    this.#path = path;
    this.#source = source;
    this.#durable = durable;
    this.#rowsOf = rowsOf;
    this.#files = files;
    this.#through = position.through;
    this.#generation = position.generation;
    if (durable() < this.#through) {
      this.#through = 0;
      this.#generation++;
    }
  }

  /** Offsets mean something within one generation of the file only. */
  get source(): string {
    return this.#generation === 0 ? this.#source : `${this.#source} ${this.#generation}`;
  }

  get generation(): number {
    return this.#generation;
  }

  /** The next batch; null where the file has no more. @param until exactly the batch that ends there */
  async next(until: number | null): Promise<Batch | null> {
    const from = this.#through;
    const end = Math.min(until ?? Number.POSITIVE_INFINITY, this.#durable());
    if (from >= end) return null;
    const bytes = await this.#read(from, until === null ? Math.min(end - from, batch_bytes) : end - from);
    if (bytes === null) return null;
    const rows = new BatchRows(placeColumn('alerts'));
    const decoder = new TextDecoder();
    let start = 0;
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, start)) {
      if (at > start) this.#rowsOf(this.source, from + start, decoder.decode(bytes.subarray(start, at)), rows);
      start = at + 1;
    }
    this.#through = from + start;
    return { source: this.source, from, to: this.#through, rows: rows.tables() };
  }

  /** Whole lines: at least one, also where it is longer than a batch. */
  async #read(from: number, length: number): Promise<Uint8Array | null> {
    try {
      const file = await this.#files.open(this.#path, 'read');
      try {
        for (let most = length; ; most *= 2) {
          const bytes = await readAt(file, from, most);
          if (bytes.includes(newline) || bytes.length < most) return bytes.includes(newline) ? bytes : null;
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }
}
