import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';

const utf8 = new TextEncoder();

/**
 * Writes a file whole, or leaves the old one: beside it, put on disk, then given its name. Synchronous, for small files
 * and for what is in the middle of a fold. `pieces` are bytes, or a text as UTF-8; the folder is made where it is missing.
 * @throws what the disk says; then nothing of the new file is left
 */
export function writeFileWhole(path: string, pieces: readonly (Uint8Array | string)[], mode: number): void {
  makeFolder(dirname(path), mode | ((mode & 0o444) >> 2));
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    const file = openSync(unfinished, 'w', mode);
    try {
      for (const piece of pieces) writeAll(file, typeof piece === 'string' ? utf8.encode(piece) : piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    const count = writeSync(file, bytes, written, bytes.length - written);
    if (count <= 0) throw new Error(`only ${written} of ${bytes.length} bytes could be written: is the disk full?`);
    written += count;
  }
}
