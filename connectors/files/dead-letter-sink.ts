import { dirname } from 'node:path';
import type { DeadLetter, DeadLetterSink } from '../../engine/index.ts';
import { AppendFile } from './append-file.ts';
import { errorCode, type FilePort, nodeFiles, readAt } from './file-port.ts';

export interface DeadLetterFileOptions {
  readonly path: string;
  /** A file that would grow beyond this is moved to `path`.1 and a new one begun. */
  readonly file_bytes?: number;
  /** Files kept besides the current one; the oldest is removed, with a message. */
  readonly kept_files?: number;
  readonly files?: FilePort;
  readonly report?: (message: string) => void;
}

const FILE_BYTES = 64 * 1024 * 1024;
const KEPT_FILES = 4;
/** Letters are formatted and written so many bytes of records at a time: one text of all could be too long to exist. */
const WRITE_BYTES = 4 * 1024 * 1024;
/** No append is larger (base64 takes a third more), and only the last one can be unknown to the disk. */
const DOUBTFUL_BYTES = 2 * WRITE_BYTES;
/** How much of the bytes is shown as text, for a reader's eye; `bytes` has them all. */
const TEXT_BYTES = 200;

function formatLetter(letter: DeadLetter): string {
  const { reason, message, partition, position, bytes } = letter;
  // A sequence that the cut tears shows as a replacement sign, as do bytes that are not UTF-8.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, TEXT_BYTES));
  const received_at = new Date(letter.received_at).toISOString();
  const encoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const length = letter.length ?? bytes.length;
  return `${JSON.stringify({ reason, message, partition, position, received_at, text, length, bytes: encoded })}\n`;
}

/** The letters in order, in groups of about WRITE_BYTES. */
function* groups(letters: readonly DeadLetter[]): Generator<readonly DeadLetter[]> {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < letters.length; i++) {
    bytes += letters[i].bytes.length;
    if (bytes < WRITE_BYTES && i < letters.length - 1) continue;
    yield letters.slice(start, i + 1);
    start = i + 1;
    bytes = 0;
  }
}

/** End of the last whole line of a file. */
async function endOfLines(files: FilePort, path: string): Promise<{ end: number; size: number }> {
  const file = await files.open(path, 'update');
  try {
    const size = await file.size();
    for (let at = size; at > 0; ) {
      const start = Math.max(0, at - 64 * 1024);
      const newline = (await readAt(file, start, at - start)).lastIndexOf(10);
      if (newline >= 0) return { end: start + newline + 1, size };
      at = start;
    }
    return { end: 0, size };
  } finally {
    await file.close();
  }
}

/**
 * Rejected records as NDJSON: reason, message, partition, position, received_at, a readable beginning, the true
 * length, and the bytes in base64 (of a record over the limit its beginning). After a crash the letters since the checkpoint are written again: (partition, position) tells them.
 */
export class DeadLetterFile implements DeadLetterSink {
  readonly #options: Required<DeadLetterFileOptions>;
  #file: AppendFile;
  #last: Promise<void> = Promise.resolve();

  private constructor(options: Required<DeadLetterFileOptions>, file: AppendFile) {
    this.#options = options;
    this.#file = file;
  }

  static async open(options: DeadLetterFileOptions): Promise<DeadLetterFile> {
    const all = { file_bytes: FILE_BYTES, kept_files: KEPT_FILES, files: nodeFiles, report: () => {}, ...options };
    await all.files.makeDirectory(dirname(all.path));
    const { end, size } = await endOfLines(all.files, all.path);
    if (end < size) all.report(`${all.path}: cut ${size - end} bytes at byte ${end}: a record that a crash cut short`);
    return new DeadLetterFile(all, await AppendFile.open(all.files, all.path, end, Math.max(0, end - DOUBTFUL_BYTES)));
  }

  write(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return Promise.resolve();
    const done = this.#last.then(async () => {
      for (const group of groups(letters)) {
        const bytes = new TextEncoder().encode(group.map(formatLetter).join(''));
        if (this.#file.size > 0 && this.#file.size + bytes.length > this.#options.file_bytes) await this.#rotate();
        await this.#file.append(bytes);
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }

  async #rotate(): Promise<void> {
    const { path, files, kept_files, report } = this.#options;
    await this.#file.close();
    try {
      await files.remove(`${path}.${kept_files}`);
      report(
        `${path}.${kept_files}: removed; it held the oldest rejected records. ${kept_files} older files are kept.`,
      );
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    for (let i = kept_files - 1; i >= 0; i--) {
      try {
        await files.rename(i === 0 ? path : `${path}.${i}`, `${path}.${i + 1}`);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    }
    this.#file = await AppendFile.open(files, path);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }
}
