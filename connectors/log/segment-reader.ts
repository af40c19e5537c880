import { type FilePort, type OpenFile, readAt } from '../files/file-port.ts';
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  decodeBatchHeader,
  decodeSegmentHeader,
  isWholeBatch,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './segment-format.ts';

/** Bytes read from disk at a time. */
const WINDOW_BYTES = 1024 * 1024;

export interface FoundBatch extends BatchHeader {
  readonly offset: number;
  /** The whole batch with its header. */
  readonly bytes: Uint8Array;
}

/** A damaged place of the log. Nothing behind it is read: skipping it would change what the rules see. */
export class LogDamagedError extends Error {
  readonly path: string;
  readonly offset: number;

  constructor(path: string, offset: number, what: string) {
    super(
      `${path}: ${what} at byte ${offset}. Entries that were acknowledged cannot be read, and nothing behind them is. ` +
        'Restore this file from a copy, or start with a new log directory.',
    );
    this.path = path;
    this.offset = offset;
  }
}

/** Reads one segment file through a window of bytes. The views it hands out stay valid: a window is never written again. */
export class SegmentReader {
  readonly path: string;
  readonly #file: OpenFile;
  #header: SegmentHeader | null = null;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;

  constructor(path: string, file: OpenFile) {
    this.path = path;
    this.#file = file;
  }

  /** Opens a segment and checks its header, and reads no more of it so far. Throws LogDamagedError where it is not whole. */
  static async open(files: FilePort, path: string): Promise<SegmentReader> {
    const reader = new SegmentReader(path, await files.open(path, 'read'));
    try {
      reader.#header = decodeSegmentHeader(await readAt(reader.#file, 0, SEGMENT_HEADER_BYTES));
      if (reader.#header === null) throw new LogDamagedError(path, 0, 'the header of the segment is damaged');
    } catch (error) {
      await reader.close();
      throw error;
    }
    return reader;
  }

  get header(): SegmentHeader {
    if (this.#header === null) throw new Error(`${this.path} is not open`);
    return this.#header;
  }

  async #bytes(offset: number, length: number): Promise<Uint8Array> {
    const start = offset - this.#windowStart;
    if (start < 0 || start + length > this.#window.length) {
      this.#window = await readAt(this.#file, offset, Math.max(length, WINDOW_BYTES));
      this.#windowStart = offset;
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(start, start + length);
  }

  /** The whole batch at `offset`; null where the file ends there or what stands there is not whole. */
  async batchAt(offset: number): Promise<FoundBatch | null> {
    const header = decodeBatchHeader(await this.#bytes(offset, BATCH_HEADER_BYTES), this.header.marker);
    if (header === null) return null;
    // A length that a damaged header claims must not become a huge allocation.
    if (header.length > WINDOW_BYTES && offset + header.length > (await this.size())) return null;
    const bytes = await this.#bytes(offset, header.length);
    return bytes.length === header.length && isWholeBatch(bytes) ? { ...header, offset, bytes } : null;
  }

  /** The first whole batch that begins behind `offset`, or null: tells a damaged batch from a torn one. */
  async batchBehind(offset: number): Promise<FoundBatch | null> {
    const { marker } = this.header;
    const rest = Buffer.from(await readAt(this.#file, offset, (await this.size()) - offset));
    for (let at = rest.indexOf(marker, 9); at >= 0; at = rest.indexOf(marker, at + 1)) {
      const found = await this.batchAt(offset + at - 8);
      if (found !== null) return found;
    }
    return null;
  }

  /** Forgets the window: what another process has written since can be seen. */
  refresh(): void {
    this.#window = new Uint8Array(0);
  }

  size(): Promise<number> {
    return this.#file.size();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
