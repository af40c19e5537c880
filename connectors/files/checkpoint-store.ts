import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CheckpointStore, Snapshot } from '../../engine/index.ts';
import {
  describeError,
  type FilePort,
  nodeFiles,
  type OpenFile,
  openWhereThere,
  readAt,
  writeAll,
} from './file-port.ts';
import { readSnapshot } from './snapshot-decoding.ts';
import { encodeSnapshot } from './snapshot-encoding.ts';

/**
 * A checkpoint file: 'WEIRCKPT', version u32, snapshot (snapshot-encoding.ts), CRC32 of all before it. It is written
 * beside, put on disk, and then renamed: under its name it is whole. The last two are kept, so that one that the disk
 * damaged later is not the end: the older one only replays more of the log.
 */
const MAGIC = new TextEncoder().encode('WEIRCKPT');
const VERSION = 1;
const HEADER_BYTES = MAGIC.length + 4;
const WRONG_CHECKSUM = 'the checksum is wrong';

function header(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, VERSION, true);
  return bytes;
}

function nameOf(number: number): string {
  return `${String(number).padStart(12, '0')}.checkpoint`;
}

/** Bytes of one read: they are still near when they are counted into the checksum. */
const READ_BYTES = 1024 * 1024;

/** Reads a file from its beginning, with the checksum of what was read. */
class CheckedReader {
  readonly #file: OpenFile;
  #at = 0;
  checksum = 0;

  constructor(file: OpenFile) {
    this.#file = file;
  }

  /** Fills the whole array with the next bytes; throws where the file ends before. */
  async fill(into: Uint8Array): Promise<void> {
    for (let filled = 0; filled < into.length; ) {
      const part = into.subarray(filled, filled + READ_BYTES);
      const count = await this.#file.read(part, this.#at);
      if (count === 0) throw new Error(`the file ends at byte ${this.#at} while it is read`);
      this.checksum = crc32(part.subarray(0, count), this.checksum);
      filled += count;
      this.#at += count;
    }
  }
}

/** The tree is made while the file is read, so that it is never in memory twice; it is taken only if the checksum is right. */
async function parseFile(file: OpenFile): Promise<Snapshot> {
  const size = await file.size();
  const start = await readAt(file, 0, HEADER_BYTES);
  if (size < HEADER_BYTES + 4 || !MAGIC.every((byte, i) => start[i] === byte)) {
    throw new Error('this is not a checkpoint, or only its beginning');
  }
  const reader = new CheckedReader(file);
  await reader.fill(start);
  const version = new DataView(start.buffer).getUint32(MAGIC.length, true);
  try {
    if (version !== VERSION) throw new Error(`it has format ${version}, and this Weir reads format ${VERSION}`);
    const reading = readSnapshot(size - HEADER_BYTES - 4);
    let next = reading.next();
    for (; !next.done; next = reading.next()) await reader.fill(next.value);
    if (reader.checksum !== (await storedChecksum(file, size))) throw new Error(WRONG_CHECKSUM);
    return next.value;
  } catch (error) {
    // What stands in a damaged file is no tree of ours either.
    throw (await isDamaged(file, size)) ? new Error(WRONG_CHECKSUM) : error;
  }
}

async function storedChecksum(file: OpenFile, size: number): Promise<number> {
  const trailer = await readAt(file, size - 4, 4);
  return new DataView(trailer.buffer, trailer.byteOffset).getUint32(0, true);
}

async function isDamaged(file: OpenFile, size: number): Promise<boolean> {
  const reader = new CheckedReader(file);
  const part = new Uint8Array(READ_BYTES);
  for (let left = size - 4; left > 0; left -= part.length) await reader.fill(part.subarray(0, left));
  return reader.checksum !== (await storedChecksum(file, size));
}

export interface CheckpointDirectoryOptions {
  readonly directory: string;
  readonly files?: FilePort;
  /** Told of a damaged checkpoint that read() passed over. */
  readonly report?: (message: string) => void;
}

/** Checkpoints as files of one directory, which the caller keeps to one process (the log's lock does). */
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
      let checksum = 0;
      const put = async (bytes: Uint8Array) => {
        await writeAll(file, bytes, size);
        size += bytes.length;
        checksum = crc32(bytes, checksum);
      };
      await put(header());
      for (const chunk of encodeSnapshot(checkpoint)) await put(chunk);
      const trailer = new Uint8Array(4);
      new DataView(trailer.buffer).setUint32(0, checksum, true);
      await writeAll(file, trailer, size);
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
        return await parseFile(file);
      } catch (error) {
        this.#report(`${path}: passed over: ${describeError(error)}. An older checkpoint replays more of the log.`);
      } finally {
        await file.close();
      }
    }
    return null;
  }
}
