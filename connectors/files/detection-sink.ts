import { dirname } from 'node:path';
import type { DetectionSink } from '../../engine/index.ts';
import { AppendFile } from './append-file.ts';
import { type DetectionTail, keyOf, readTail } from './detection-tail.ts';
import { type FilePort, nodeFiles } from './file-port.ts';

export interface DetectionFileOptions {
  readonly path: string;
  /**
   * Bytes of the file that the checkpoint knows of; 0 without a checkpoint. What stands behind them was written after
   * the checkpoint, and a restart derives it again: it is not written twice.
   */
  readonly known_offset?: number;
  /** Early records (EMIT EARLY) before known_offset of which it is not told what became of them. */
  readonly open_early?: readonly object[];
  /** What the records are, for messages. */
  readonly holds?: string;
  readonly files?: FilePort;
  readonly report?: (message: string) => void;
}

/** What the run before had said when it ended: see DetectionTail. */
export type ToldBefore = Readonly<Pick<DetectionTail, 'open_early' | 'last_ms' | 'last_anchors'>>;

/** Detections as NDJSON at the end of a file. write() resolves when they are on disk. */
export class DetectionFile implements DetectionSink {
  readonly #file: AppendFile;
  readonly #tail: DetectionTail;

  private constructor(file: AppendFile, tail: DetectionTail) {
    this.#file = file;
    this.#tail = tail;
  }

  /** Opens the file, or makes it; a torn last record (a crash while writing) is cut with a message. */
  static async open(options: DetectionFileOptions): Promise<DetectionFile> {
    const { path, known_offset = 0, open_early = [] } = options;
    const { holds = 'detections', files = nodeFiles, report = () => {} } = options;
    await files.makeDirectory(dirname(path));
    const tail = await readTail(files, path, known_offset, open_early);
    if (tail.size < known_offset) {
      report(
        `${path}: has ${tail.size} bytes where the checkpoint knew ${known_offset}: ${holds} were removed from it`,
      );
    }
    if (tail.end < tail.size) {
      report(`${path}: cut ${tail.size - tail.end} bytes at byte ${tail.end}: a record that a crash cut short`);
    }
    return new DetectionFile(await AppendFile.open(files, path, tail.end, known_offset), tail);
  }

  /** Bytes that are on disk: goes into the checkpoint and comes back as `known_offset`. */
  get offset(): number {
    return this.#file.size;
  }

  /** How many records behind known_offset wait to be derived again. */
  get written_before(): number {
    return this.#tail.keys.size;
  }

  /** Until forgetWritten(). */
  get told(): ToldBefore {
    return this.#tail;
  }

  /** What stood behind known_offset was decided before this time, epoch milliseconds; -Infinity: there was nothing. */
  get told_until_ms(): number {
    return this.#tail.last_ms + 1;
  }

  /** Everything was derived again that can be: what still waits belongs to rules that changed. */
  forgetWritten(): void {
    this.#tail.keys.clear();
    this.#tail.open_early.clear();
  }

  /** Appends the records, one a line; those that were there behind known_offset are passed over. */
  write(records: readonly object[]): Promise<void> {
    let text = '';
    for (const record of records) {
      const key = keyOf(record);
      if (key === null || !this.#tail.keys.delete(key)) text += `${JSON.stringify(record)}\n`;
    }
    return text === '' ? Promise.resolve() : this.#file.append(new TextEncoder().encode(text));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
