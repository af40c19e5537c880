import { appendLine } from '../records/append-line.ts';

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
 * The audit: one entry a line at the end of a file, which nothing changes; on disk when this returns: what it tells of is
 * done after that. The API and `weir token` may write at the same time.
 */
export function appendAudit(path: string, entry: AuditEntry): void {
  appendLine(path, entry);
}
