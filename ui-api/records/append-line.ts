import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs';

/**
 * Appends a record as one line, on disk when it returns. It is one write behind the end (O_APPEND), so that several
 * processes may write to the file; a line that a crash cut short stays a line of its own.
 */
export function appendLine(path: string, record: object): void {
  const file = openSync(path, 'a+', 0o600);
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(file, last, 0, 1, size - 1);
    const begin = size > 0 && last[0] !== 10 ? '\n' : '';
    writeFileSync(file, `${begin}${JSON.stringify(record)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
