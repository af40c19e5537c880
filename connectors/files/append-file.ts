import { dirname } from 'node:path';
import { describeError, type FilePort, type OpenFile, readAt, writeAll } from './file-port.ts';

const REWRITE_BYTES = 1024 * 1024;

/** A file that only grows, one append after the other, each on disk before its promise resolves. */
export class AppendFile {
  readonly path: string;
  readonly #file: OpenFile;
  #size: number;
  #last: Promise<void> = Promise.resolve();
  #refusal: Error | null = null;

  private constructor(path: string, file: OpenFile, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a file, or makes it, and cuts it to `size` bytes where that is given. What it then holds is on disk, its place
   * in the directory too: the process before may have been killed between a write and its fsync. Bytes from
   * `doubtful_from` on are written again: where an fsync failed since, they can be read and yet are not on disk, and a
   * later fsync does not mend that.
   */
  static async open(
    files: FilePort,
    path: string,
    size?: number,
    doubtful_from: number = Infinity,
  ): Promise<AppendFile> {
    const file = await files.open(path, 'update');
    try {
      await files.syncDirectory(dirname(path));
      if (size !== undefined && size < (await file.size())) await file.truncate(size);
      const end = await file.size();
      for (let at = doubtful_from; at < end; at += REWRITE_BYTES) {
        await writeAll(file, await readAt(file, at, Math.min(REWRITE_BYTES, end - at)), at);
      }
      await file.sync();
      return new AppendFile(path, file, end);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that are on disk. */
  get size(): number {
    return this.#size;
  }

  /** Appends; after an error nothing more is taken, since a part of what failed may stand at the end. */
  append(bytes: Uint8Array): Promise<void> {
    const done = this.#last.then(async () => {
      if (this.#refusal !== null) throw this.#refusal;
      try {
        await writeAll(this.#file, bytes, this.#size);
        await this.#file.sync();
        this.#size += bytes.length;
      } catch (error) {
        const what = `${this.path}: ${describeError(error)}. Nothing more is written to it until a restart.`;
        this.#refusal = new Error(what, { cause: error });
        await this.#takeBack();
        throw this.#refusal;
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /**
   * After a failed fsync the bytes can still be read and yet never come to the disk: the next start would take them for
   * written. So they are cut off, as far as the disk lets us.
   */
  async #takeBack(): Promise<void> {
    try {
      await this.#file.truncate(this.#size);
      await this.#file.sync();
    } catch {
      // What failed first is the error to hear of; a torn end is cut by the next start.
    }
  }

  async close(): Promise<void> {
    await this.#last;
    this.#refusal ??= new Error(`${this.path} is closed`);
    await this.#file.close();
  }
}
