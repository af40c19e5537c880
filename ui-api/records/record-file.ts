import { type FileHandle, open } from 'node:fs/promises';

/** A record where it stands in its file; `start` and `end` are bytes, the line's end belongs to it. */
export class StoredRecord {
  readonly start: number;
  readonly end: number;
  /** Its line, without the line's end. */
  readonly line: Buffer;
  #value: Readonly<Record<string, unknown>> | null | undefined;

  constructor(start: number, line: Buffer) {
    this.start = start;
    this.end = start + line.length + 1;
    this.line = line;
  }

  /** The record; null: the line is no JSON object. Read once, however many look at it. */
  get value(): Readonly<Record<string, unknown>> | null {
    if (this.#value === undefined) this.#value = parse(this.line);
    return this.#value;
  }
}

const newline = 10;
const chunk_bytes = 256 * 1024;
/** Most records are shorter. */
const one_bytes = 16 * 1024;

/**
 * Reads an NDJSON file that only grows, from any record on, forward and backward, while it is written. What it gives is
 * on disk: the writer says up to where.
 */
export class RecordFile {
  readonly path: string;
  readonly #size: () => number;
  #shared: { readonly from: number; readonly size: number; readonly records: Promise<StoredRecord[]> } | null = null;

  /** @param size bytes of the file that are on disk, all of them whole records */
  constructor(path: string, size: () => number) {
    this.path = path;
    this.#size = size;
  }

  get size(): number {
    return this.#size();
  }

  /**
   * The next records from a record's start on, about 256 KiB of them; [] at the end. Readers that have come to the same
   * place share one read: a hundred that follow the file cost as much as one.
   */
  forward(from: number): Promise<StoredRecord[]> {
    const size = this.size;
    if (from >= size) return Promise.resolve([]);
    if (this.#shared?.from !== from || this.#shared.size !== size) {
      const records = this.#read(from, size);
      records.catch(() => {
        this.#shared = null;
      });
      this.#shared = { from, size, records };
    }
    return this.#shared.records;
  }

  async #read(from: number, size: number): Promise<StoredRecord[]> {
    return this.#withFile(async (file) => {
      for (let length = chunk_bytes; ; length *= 4) {
        const bytes = await readAt(file, from, Math.min(length, size - from));
        const last = bytes.lastIndexOf(newline);
        // A record that is longer than the chunk: a longer one has it.
        if (last === -1 && bytes.length === length) continue;
        return split(bytes.subarray(0, last + 1), from);
      }
    });
  }

  /** The record that begins at an offset; null: none does. */
  async at(start: number): Promise<StoredRecord | null> {
    if (start >= this.size) return null;
    return this.#withFile(async (file) => {
      for (let length = one_bytes; ; length *= 4) {
        const bytes = await readAt(file, start, Math.min(length, this.size - start));
        const end = bytes.indexOf(newline);
        if (end !== -1) return new StoredRecord(start, bytes.subarray(0, end));
        if (bytes.length < length) return null;
      }
    });
  }

  /** The records before a record's start, about 256 KiB of them, the nearest first; [] at the beginning. */
  async backward(before: number): Promise<StoredRecord[]> {
    if (before <= 0) return [];
    return this.#withFile(async (file) => {
      for (let length = chunk_bytes; ; length *= 4) {
        const from = Math.max(0, before - length);
        const bytes = await readAt(file, from, before - from);
        // The first line of a chunk is most likely the end of one.
        const first = from === 0 ? 0 : bytes.indexOf(newline) + 1;
        if (first >= bytes.length && from > 0) continue;
        return split(bytes.subarray(first), from + first).reverse();
      }
    });
  }

  /** The last bytes of the record that ends at an offset, for a cursor to know it again; null: none ends there. */
  async tailOf(end: number): Promise<Buffer | null> {
    if (end === 0) return Buffer.alloc(0);
    if (end < 0 || end > this.size) return null;
    return this.#withFile(async (file) => {
      const from = Math.max(0, end - tail_bytes - 1);
      const bytes = await readAt(file, from, end - from);
      if (bytes.at(-1) !== newline) return null;
      return tailOfLine(bytes.subarray(bytes.lastIndexOf(newline, bytes.length - 2) + 1, -1));
    });
  }

  async #withFile<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await open(this.path, 'r');
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}

const tail_bytes = 32;

/** The part of a line that RecordFile.tailOf gives. */
export function tailOfLine(line: Buffer): Buffer {
  return line.subarray(-tail_bytes);
}

function split(bytes: Buffer, at: number): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) break;
    records.push(new StoredRecord(at + start, bytes.subarray(start, end)));
    start = end + 1;
  }
  return records;
}

function parse(line: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}
