import type { Snapshot } from '../../engine/index.ts';
import { type Checksum, Crc32, GcmTag } from './checkpoint-checksum.ts';
import { type OpenFile, readAt } from './file-port.ts';
import { readTree } from './snapshot-decoding.ts';
import { encodeSnapshotFirst } from './snapshot-encoding.ts';

/**
 * A checkpoint file: 'WEIRCKPT', version u32, snapshot (snapshot-encoding.ts) with its large arrays behind it, checksum of
 * all before. Files of format 1 have their arrays inside the tree and a CRC32: they are still read, because whoever finds
 * that the state is of another version of Weir wants to know how far the run before had come.
 */
const MAGIC = new TextEncoder().encode('WEIRCKPT');
const VERSION = 2;
const HEADER_BYTES = MAGIC.length + 4;
const checksums: { readonly [version: number]: { readonly bytes: number; new (): Checksum } } = {
  1: Crc32,
  [VERSION]: GcmTag,
};
const WRONG_CHECKSUM = 'the checksum is wrong';

function header(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, VERSION, true);
  return bytes;
}

/** The bytes of a file in chunks, valid until the next is asked for. Throws on a bad tree. */
export function* checkpointBytes(snapshot: Snapshot): Generator<Uint8Array> {
  const checksum = new GcmTag();
  const start = header();
  checksum.add(start);
  yield start;
  for (const chunk of encodeSnapshotFirst(snapshot)) {
    checksum.add(chunk);
    yield chunk;
  }
  yield checksum.end();
}

/** Bytes of one read: they are still near when they are counted into the checksum. */
const READ_BYTES = 1024 * 1024;
/** Reads under way at once: as many as Node has threads for them where nobody says otherwise. */
const READS = 4;

/** A read under way. */
interface Read {
  readonly into: Uint8Array;
  readonly done: Promise<void>;
}

/** Reads a file from its beginning, with the checksum of what was read. */
class CheckedReader {
  readonly #file: OpenFile;
  readonly #checksum: Checksum;
  #at = 0;

  constructor(file: OpenFile, checksum: Checksum) {
    this.#file = file;
    this.#checksum = checksum;
  }

  /** Fills the arrays with the next bytes, several at once; throws where the file ends before. */
  async fill(arrays: Iterable<Uint8Array>): Promise<void> {
    const reads: Read[] = [];
    try {
      for (const into of piecesOf(arrays)) {
        if (reads.length === READS) await this.#take(reads);
        const done = this.#read(into, this.#at);
        // What fails is thrown at its turn; until then nobody waits for it.
        done.catch(() => {});
        reads.push({ into, done });
        this.#at += into.length;
      }
      while (reads.length > 0) await this.#take(reads);
    } finally {
      // Nobody may close the file, or use the arrays, while they are read into.
      await Promise.allSettled(reads.map(({ done }) => done));
    }
  }

  /** Waits for the first of the reads, and counts it into the checksum while the others go on. */
  async #take(reads: Read[]): Promise<void> {
    await reads[0].done;
    const [{ into }] = reads.splice(0, 1);
    this.#checksum.add(into);
  }

  async #read(into: Uint8Array, at: number): Promise<void> {
    for (let filled = 0; filled < into.length; ) {
      const count = await this.#file.read(into.subarray(filled), at + filled);
      if (count === 0) throw new Error(`the file ends at byte ${at + filled} while it is read`);
      filled += count;
    }
  }

  /** Whether what was read has the checksum that stands behind it; nothing is read afterwards. */
  async isRight(): Promise<boolean> {
    const sum = this.#checksum.end();
    const stored = await readAt(this.#file, this.#at, sum.length);
    return stored.length === sum.length && stored.every((byte, i) => byte === sum[i]);
  }
}

function* piecesOf(arrays: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const array of arrays) {
    for (let at = 0; at < array.length; at += READ_BYTES) yield array.subarray(at, at + READ_BYTES);
  }
}

/**
 * The tree is made while the file is read, so that it is never in memory twice; it is taken only if the checksum is right.
 * Throws an Error that says why the file is of no use.
 */
export async function readCheckpointFile(file: OpenFile): Promise<Snapshot> {
  const size = await file.size();
  const start = await readAt(file, 0, HEADER_BYTES);
  if (start.length < HEADER_BYTES || !MAGIC.every((byte, i) => start[i] === byte)) {
    throw new Error('this is not a checkpoint, or only its beginning');
  }
  const version = new DataView(start.buffer).getUint32(MAGIC.length, true);
  const kind = checksums[version];
  if (kind === undefined) {
    throw new Error(
      `it has format ${version}, and this Weir reads the formats ${Object.keys(checksums).join(' and ')}`,
    );
  }
  const length = size - HEADER_BYTES - kind.bytes;
  if (length < 0) throw new Error('this is only the beginning of a checkpoint');
  try {
    const reader = new CheckedReader(file, new kind());
    await reader.fill([start]);
    const reading = readTree(length);
    let next = reading.next();
    for (; !next.done; next = reading.next()) await reader.fill([next.value]);
    await reader.fill(next.value.behind);
    if (!(await reader.isRight())) throw new Error(WRONG_CHECKSUM);
    return next.value.snapshot;
  } catch (error) {
    // What stands in a damaged file is no tree of ours either.
    throw (await isDamaged(file, HEADER_BYTES + length, new kind())) ? new Error(WRONG_CHECKSUM) : error;
  }
}

async function isDamaged(file: OpenFile, length: number, checksum: Checksum): Promise<boolean> {
  const reader = new CheckedReader(file, checksum);
  const part = new Uint8Array(READ_BYTES);
  for (let left = length; left > 0; left -= part.length) await reader.fill([part.subarray(0, left)]);
  return !(await reader.isRight());
}
