import type { Engine, EventLog, LogEntry, Program } from '../../engine/index.ts';
import type { LookupFiles } from './lookup-watch.ts';

export type LookupEntry = Extract<LogEntry, { kind: 'lookup' }>;

/** What stands in a log before anything of it was released. */
export interface LogBeginning {
  /** Rows of lookups that act from the beginning on, by position: also on records that stand before them. */
  readonly lookups: ReadonlyMap<number, LookupEntry>;
  /** Whether a verdict or rows of a lookup stand in the log. */
  readonly isKnown: boolean;
}

/**
 * Reads a log as far as its first accepted verdict. What `weir ingest` wrote before the first start is released only behind the
 * rows of that start: whoever reads the log again, and judges its records, gives it those first.
 * @param entries of a log from its beginning
 */
export async function beginningOf(
  entries: AsyncIterable<{ readonly position: number; readonly entry: LogEntry }>,
): Promise<LogBeginning> {
  const lookups = new Map<number, LookupEntry>();
  let isKnown = false;
  for await (const { position, entry } of entries) {
    if (entry.kind === 'lookup' && entry.from_ms === Number.NEGATIVE_INFINITY) lookups.set(position, entry);
    if (entry.kind === 'lookup' || entry.kind === 'verdict') isKnown = true;
    if (entry.kind === 'verdict' && entry.verdict === 'accepted') break;
  }
  return { lookups, isKnown };
}

/**
 * Gives an empty engine that is about to read a log from its beginning the rows that act from there on, before all else.
 * @returns their positions: there they are not to be applied again
 */
export async function applyFirst(
  engine: Engine,
  { lookups = [] }: Program,
  entries: () => Parameters<typeof beginningOf>[0],
): Promise<ReadonlySet<number>> {
  if (lookups.length === 0) return new Set();
  const first = (await beginningOf(entries())).lookups;
  for (const [position, entry] of first) engine.apply(position, entry);
  return new Set(first.keys());
}

/**
 * The rows of lookups for a log that is there before any Weir has judged it: they act from the beginning on, as those of an
 * empty log do.
 */
export async function recordFirst(log: EventLog, files: LookupFiles | undefined): Promise<void> {
  if (files === undefined || log.end_position === 0) return;
  if ((await beginningOf(log.read(0))).isKnown) return;
  const { contents } = files.read();
  const from_ms = Number.NEGATIVE_INFINITY;
  const entries = contents.map(
    ({ name, version, bytes }): LookupEntry => ({ kind: 'lookup', name, from_ms, version, bytes }),
  );
  if (entries.length > 0) await log.append(entries);
}
