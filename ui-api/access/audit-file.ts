import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

/** One thing that somebody did. Never a token, never the text of an event. */
export interface AuditEntry {
  readonly at: string;
  readonly who: { readonly id: string; readonly name: string };
  /** Where it came from: an address, or `command` for the command line. */
  readonly from: string;
  readonly action: string;
  /** What it was done to: the name of a rule, the id of a run or of a token. */
  readonly target: string;
  /** done, or why it was refused. */
  readonly outcome: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The audit: one entry a line at the end of a file, which nothing changes. Each is one write behind the end (O_APPEND),
 * so that the API and `weir token` may write at the same time, and on disk when append() returns: what it tells of is
 * done after that.
 */
export function appendAudit(path: string, entry: AuditEntry): void {
  const file = openSync(path, 'a+', 0o600);
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(file, last, 0, 1, size - 1);
    // A crash may have cut the line before short.
    const begin = size > 0 && last[0] !== 10 ? '\n' : '';
    writeSync(file, `${begin}${JSON.stringify(entry)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
