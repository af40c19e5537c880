import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScratchStore } from '../../engine/index.ts';

/**
 * Bytes set aside on disk while a bounded source larger than memory is sorted (S4). Synchronous: the sort is part of
 * the engine's fold and knows no promise. The file has no name any more once it is open, so that it is gone with the
 * process, however that ends.
 */
export class ScratchFile implements ScratchStore {
  readonly #file: number;
  #size = 0;

  /** @param directory where the file is put; the system's temporary directory unless given */
  constructor(directory: string = tmpdir()) {
    const made = mkdtempSync(join(directory, 'weir-scratch-'));
    try {
      this.#file = openSync(join(made, 'runs'), 'wx+', 0o600);
    } finally {
      rmSync(made, { recursive: true });
    }
  }

  /** Appends bytes and returns the offset at which they begin. Throws when the disk takes no more. */
  append(bytes: Uint8Array): number {
    const start = this.#size;
    for (let written = 0; written < bytes.length; ) {
      const count = writeSync(this.#file, bytes, written, bytes.length - written, start + written);
      if (count <= 0) throw new Error(`the scratch file took ${written} of ${bytes.length} bytes: is the disk full?`);
      written += count;
    }
    this.#size += bytes.length;
    return start;
  }

  /** Reads bytes that were appended. Throws RangeError for bytes that were not. */
  read(offset: number, length: number): Uint8Array {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.#size)) {
      throw new RangeError(`bytes ${offset} to ${offset + length} of a scratch file of ${this.#size}`);
    }
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const count = readSync(this.#file, bytes, filled, length - filled, offset + filled);
      if (count === 0) throw new Error(`the scratch file ended at ${offset + filled}, before its ${this.#size} bytes`);
      filled += count;
    }
    return bytes;
  }

  close(): void {
    ftruncateSync(this.#file, 0);
    closeSync(this.#file);
  }
}
