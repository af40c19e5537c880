import { constants } from 'node:fs';
import { open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** One open file. Reads and writes name their offset: there is no hidden place in the file. */
export interface OpenFile {
  /** Writes at `offset` and tells how many bytes were taken, which may be fewer than given (a short write). */
  write(bytes: Uint8Array, offset: number): Promise<number>;
  /** Reads from `offset` into `into` and tells how many bytes came; 0 is the end of the file. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /** Resolves when what was written, and the size, are on disk. After an error nothing may be taken for written. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** 'read': must exist. 'update': read and write, made when missing. 'create': read and write, must not exist. */
export type OpenMode = 'read' | 'update' | 'create';

/**
 * All file calls of the log, the checkpoints and the sinks go through this port, one system call each, so that tests
 * can put a fault or a crash between any two of them. Paths are absolute or relative to the working directory. Errors
 * carry the system's code and name the path.
 */
export interface FilePort {
  open(path: string, mode: OpenMode): Promise<OpenFile>;
  /** Atomic: after a crash `to` is the old file or the new one. On disk only after syncDirectory. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in a directory, in no particular order. */
  list(directory: string): Promise<string[]>;
  /** Makes a directory, and those above it, where missing; resolves when it is on disk. */
  makeDirectory(directory: string): Promise<void>;
  /** Resolves when creations, renames and removals in this directory are on disk. */
  syncDirectory(directory: string): Promise<void>;
}

const flags: Record<OpenMode, number> = {
  read: constants.O_RDONLY,
  update: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
};

async function openNodeFile(path: string, mode: OpenMode): Promise<OpenFile> {
  const handle = await open(path, flags[mode], 0o600);
  return {
    write: async (bytes, offset) => (await named(path, handle.write(bytes, 0, bytes.length, offset))).bytesWritten,
    read: async (into, offset) => (await named(path, handle.read(into, 0, into.length, offset))).bytesRead,
    sync: () => named(path, handle.datasync()),
    truncate: (size) => named(path, handle.truncate(size)),
    size: async () => (await named(path, handle.stat())).size,
    close: () => named(path, handle.close()),
  };
}

/** Node names the path where the system call has it, and an open file's calls have none. */
async function named<T>(path: string, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof Error && !error.message.includes(path)) error.message += ` '${path}'`;
    throw error;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await named(directory, handle.sync());
  } finally {
    await handle.close();
  }
}

/** The real files of this machine. Everything made is readable by its owner only: logs hold addresses and names. */
export const nodeFiles: FilePort = {
  open: openNodeFile,
  rename,
  remove: unlink,
  list: (directory) => readdir(directory),
  makeDirectory: async (directory) => {
    const made = makeFolder(directory, 0o700);
    const highest = made === null ? undefined : dirname(made);
    // Each directory is an entry of the one above it. Two levels (var/log) are synced also where they were there
    // already: the process that made them may have been killed before they were on disk.
    let path = resolve(directory);
    for (let level = 0; level < 2 || (highest !== undefined && path.length > highest.length); level++) {
      path = dirname(path);
      try {
        await syncDirectory(path);
      } catch (error) {
        // A directory that we may not read was not made by us.
        if (errorCode(error) !== 'EACCES') throw error;
      }
    }
  },
  syncDirectory,
};

/** Writes all bytes, going on after short writes. Throws when the file takes nothing more. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, offset: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const count = await file.write(bytes.subarray(written), offset + written);
    if (count <= 0) throw new Error(`only ${written} of ${bytes.length} bytes could be written: is the disk full?`);
    written += count;
  }
}

/** Reads `length` bytes from `offset`, fewer where the file ends before. */
export async function readAt(file: OpenFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(bytes.subarray(filled), offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled === length ? bytes : bytes.subarray(0, filled);
}

/** Opens a file to read it, or gives null where there is none. */
export async function openWhereThere(files: FilePort, path: string): Promise<OpenFile | null> {
  try {
    return await files.open(path, 'read');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Reads a whole file, or gives null where there is none. */
export async function readWhole(files: FilePort, path: string): Promise<Uint8Array | null> {
  const file = await openWhereThere(files, path);
  if (file === null) return null;
  try {
    return await readAt(file, 0, await file.size());
  } finally {
    await file.close();
  }
}

/** The system's code of an error ('ENOSPC', 'EEXIST'), or null. */
export function errorCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}

/** One sentence about an error for a message; the full disk is said in words. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return errorCode(error) === 'ENOSPC' ? `the disk is full (${text})` : text;
}
