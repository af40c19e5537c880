import { join } from 'node:path';
import type { CheckpointStore, Snapshot } from '../../engine/index.ts';
import { checkpointBytes, readCheckpointFile } from './checkpoint-file.ts';
import { describeError, type FilePort, nodeFiles, openWhereThere, writeAll } from './file-port.ts';

function nameOf(number: number): string {
  return `${String(number).padStart(12, '0')}.checkpoint`;
}

export interface CheckpointDirectoryOptions {
  readonly directory: string;
  readonly files?: FilePort;
  /** Told of a damaged checkpoint that read() passed over. */
  readonly report?: (message: string) => void;
}

/**
 * Checkpoints as files of one directory (checkpoint-file.ts), which the caller keeps to one process (the log's lock does).
 * A file is written beside, put on disk, and then renamed: under its name it is whole. The last two are kept, so that one
 * that the disk damaged later is not the end: the older one only replays more of the log.
 */
export class CheckpointDirectory implements CheckpointStore {
  readonly kept = 2;
  readonly #directory: string;
  readonly #files: FilePort;
  readonly #report: (message: string) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(options: CheckpointDirectoryOptions) {
    this.#directory = options.directory;
    this.#files = options.files ?? nodeFiles;
    this.#report = options.report ?? (() => {});
  }

  async #numbers(): Promise<number[]> {
    const names = await this.#files.list(this.#directory);
    const numbers = names.filter((name) => /^\d{12}\.checkpoint$/.test(name)).map((name) => Number(name.slice(0, 12)));
    return numbers.sort((a, b) => a - b);
  }

  /**
   * Resolves when the checkpoint is on disk. The tree must stand still until then; the event loop goes on between
   * chunks. Rejects, and the older checkpoints stand, when it cannot be written. Calls are done one after the other.
   */
  write(checkpoint: Snapshot): Promise<void> {
    const done = this.#last.then(() => this.#write(checkpoint));
    this.#last = done.catch(() => {});
    return done;
  }

  async #write(checkpoint: Snapshot): Promise<void> {
    await this.#files.makeDirectory(this.#directory);
    const numbers = await this.#numbers();
    const path = join(this.#directory, nameOf((numbers.at(-1) ?? 0) + 1));
    const unfinished = join(this.#directory, 'unfinished');
    const file = await this.#files.open(unfinished, 'update');
    try {
      await file.truncate(0);
      let size = 0;
      for (const bytes of checkpointBytes(checkpoint)) {
        await writeAll(file, bytes, size);
        size += bytes.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#files.rename(unfinished, path);
    await this.#files.syncDirectory(this.#directory);
    for (const number of numbers.slice(0, Math.max(0, numbers.length + 1 - this.kept))) {
      await this.#files.remove(join(this.#directory, nameOf(number)));
    }
  }

  async read(): Promise<Snapshot | null> {
    await this.#last;
    await this.#files.makeDirectory(this.#directory);
    for (const number of (await this.#numbers()).reverse()) {
      const path = join(this.#directory, nameOf(number));
      const file = await openWhereThere(this.#files, path);
      if (file === null) continue;
      try {
        return await readCheckpointFile(file);
      } catch (error) {
        this.#report(`${path}: passed over: ${describeError(error)}. An older checkpoint replays more of the log.`);
      } finally {
        await file.close();
      }
    }
    return null;
  }
}
