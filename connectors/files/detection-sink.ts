import { dirname } from 'node:path';
import type { DetectionSink } from '../../engine/index.ts';
import { AppendFile } from './append-file.ts';
import { type FilePort, nodeFiles, readAt } from './file-port.ts';
import { LineSplitter } from './read-lines.ts';

export interface DetectionFileOptions {
  readonly path: string;
  /**
   * Bytes of the file that the checkpoint knows of; 0 without a checkpoint. What stands behind them was written after
   * the checkpoint, and a restart derives it again: it is not written twice.
   */
  readonly known_offset?: number;
  /** What the records are, for messages. */
  readonly holds?: string;
  readonly files?: FilePort;
  readonly report?: (message: string) => void;
}

interface Tail {
  readonly keys: Set<string>;
  /** End of the last whole record. */
  readonly end: number;
  readonly size: number;
}

const READ_BYTES = 1024 * 1024;

/** One record is one revision of one id, early or final (records.md); null where it has no id. */
function keyOf(record: object): string | null {
  const { id, revision, timing } = record as { id?: unknown; revision?: unknown; timing?: unknown };
  if (typeof id !== 'string') return null;
  return `${id} ${typeof revision === 'number' ? revision : 0} ${typeof timing === 'string' ? timing : ''}`;
}

function parseRecord(bytes: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

async function readTail(files: FilePort, path: string, known_offset: number): Promise<Tail> {
  const file = await files.open(path, 'update');
  try {
    const size = await file.size();
    const keys = new Set<string>();
    const splitter = new LineSplitter(Infinity);
    const start = Math.min(known_offset, size);
    let end = start;
    for (let at = start; at < size; ) {
      const chunk = await readAt(file, at, READ_BYTES);
      if (chunk.length === 0) break;
      at += chunk.length;
      for (const line of splitter.push(chunk)) {
        const record = parseRecord(line.bytes);
        // A crash can leave zeros where a write had not come to the disk. All behind is derived again, so it is cut.
        if (record === null) return { keys, end, size };
        const key = keyOf(record);
        if (key !== null) keys.add(key);
        end = start + line.end_offset;
      }
    }
    return { keys, end, size };
  } finally {
    await file.close();
  }
}

/** Detections as NDJSON at the end of a file. write() resolves when they are on disk. */
export class DetectionFile implements DetectionSink {
  readonly #file: AppendFile;
  readonly #written: Set<string>;

  private constructor(file: AppendFile, written: Set<string>) {
    this.#file = file;
    this.#written = written;
  }

  /** Opens the file, or makes it; a torn last record (a crash while writing) is cut with a message. */
  static async open(options: DetectionFileOptions): Promise<DetectionFile> {
    const { path, known_offset = 0, holds = 'detections', files = nodeFiles, report = () => {} } = options;
    await files.makeDirectory(dirname(path));
    const tail = await readTail(files, path, known_offset);
    if (tail.size < known_offset) {
      report(
        `${path}: has ${tail.size} bytes where the checkpoint knew ${known_offset}: ${holds} were removed from it`,
      );
    }
    if (tail.end < tail.size) {
      report(`${path}: cut ${tail.size - tail.end} bytes at byte ${tail.end}: a record that a crash cut short`);
    }
    return new DetectionFile(await AppendFile.open(files, path, tail.end, known_offset), tail.keys);
  }

  /** Bytes that are on disk: goes into the checkpoint and comes back as `known_offset`. */
  get offset(): number {
    return this.#file.size;
  }

  /** How many records behind known_offset wait to be derived again. */
  get written_before(): number {
    return this.#written.size;
  }

  /** Everything was derived again that can be: what still waits belongs to rules that changed. */
  forgetWritten(): void {
    this.#written.clear();
  }

  /** Appends the records, one a line; those that were there behind known_offset are passed over. */
  write(records: readonly object[]): Promise<void> {
    let text = '';
    for (const record of records) {
      const key = keyOf(record);
      if (key === null || !this.#written.delete(key)) text += `${JSON.stringify(record)}\n`;
    }
    return text === '' ? Promise.resolve() : this.#file.append(new TextEncoder().encode(text));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
