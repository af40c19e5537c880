import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** How far the store has been filled; what lies behind is in the log and the files, and is written when it can be. */
export interface StorePosition {
  readonly version: 1;
  /** Names this data folder in the store's rows. */
  readonly source: string;
  /** Entries of the log before `through` are in the store; reading begins at `read_from`, the first without a verdict. */
  readonly log: { readonly through: number; readonly read_from: number; readonly sending_to: number | null };
  /** By the name of the file's feed. */
  readonly files: Readonly<Record<string, FilePosition>>;
}

export interface FilePosition {
  /** Bytes before this are in the store. */
  readonly through: number;
  /** A batch up to here was begun: it is sent again with the same bounds. */
  readonly sending_to: number | null;
  /** Increased when the file was shortened: other records stand at its offsets since. */
  readonly generation: number;
}

/** A file of which nothing is in the store. */
export const beginOfFile: FilePosition = { through: 0, sending_to: null, generation: 0 };

/** Reads the file, or begins at the beginning: rows that are in the store already are found there. */
export function readPosition(path: string, source: string): StorePosition {
  try {
    const position = JSON.parse(readFileSync(path, 'utf8')) as StorePosition;
    if (position.version === 1 && position.source === source) return position;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  const log = { through: 0, read_from: 0, sending_to: null };
  return { version: 1, source, log, files: {} };
}

/** Writes the file whole. An older one does no harm: what it forgets is compared with what is in the store. */
export function writePosition(path: string, position: StorePosition): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(position)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
