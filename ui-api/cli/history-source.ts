import { existsSync } from 'node:fs';
import {
  cursorsOf,
  earliestStored,
  type LogCursor,
  LogReader,
  readStoredLog,
  readStoredLookups,
  readStoredPart,
  type StoredSource,
  storedSources,
} from '../../connectors/index.ts';
import type { LogEntry } from '../../engine/index.ts';
import { type Config, dataPaths } from '../config.ts';
import { sourceNameOf } from '../live/store.ts';
import type { Shell } from './command.ts';
import { usageError } from './exit.ts';
import { openReader, type StoreReader } from './store-reader.ts';
import { formatCount, formatDuration } from './units.ts';

/** The entries of a log, wherever they are kept; the same each time they are read. */
export interface HistoryEntries {
  /** In the order of their positions; those before `until`. Of a log also from a position on. */
  readonly read: (until?: number, from?: number) => AsyncIterable<LogCursor>;
  close(): Promise<void>;
}

type Of<Kind extends LogEntry['kind']> = AsyncIterable<{
  readonly position: number;
  readonly entry: Extract<LogEntry, { kind: Kind }>;
}>;

/** A history of which a part can be read without the rest. */
export interface PartialHistory {
  /** Before this stream time everything that is accepted is there, judged. */
  readonly watermark_ms: number;
  /** Of the earliest accepted event. */
  readonly earliest_ms: number;
  /** Accepted events with times of [from_ms, to_ms). */
  readonly part: (from_ms: number, to_ms: number) => Of<'record'>;
  readonly lookups: () => Of<'lookup'>;
  /** Behind the last entry of the log that is there. */
  readonly end_position: number;
}

export interface StoreHistory extends HistoryEntries {
  /** Null: it is not known up to where all is judged, or nothing is. */
  readonly partial: PartialHistory | null;
  /** How far the store has come, in a sentence. */
  readonly lag: string;
}

/** Whether a backtest reads what Weir received, and not a file. */
export function isHistory(from: string): from is 'log' | 'store' {
  return from === 'log' || from === 'store';
}

/** @throws CliError where there is no log */
export function openLogHistory(config: Pick<Config, 'data'>): HistoryEntries {
  const directory = dataPaths(config.data).log;
  if (!existsSync(directory)) {
    throw usageError(`there is no log in ${directory}`, 'start `weir run` first, or name its folder with --data');
  }
  const reader = new LogReader(directory);
  return { read: (until, from = 0) => reader.readBatches(from, until), close: async () => undefined };
}

export async function partialOf(client: StoreReader['client'], stored: StoredSource): Promise<PartialHistory | null> {
  const { watermark_ms, as_of: end_position } = stored;
  const earliest_ms = await earliestStored(client, stored);
  if (watermark_ms === null || earliest_ms === null) return null;
  return {
    ...{ watermark_ms, earliest_ms, end_position },
    part: (from_ms, to_ms) => readStoredPart(client, stored, { from_ms, to_ms }),
    lookups: () => readStoredLookups(client, stored),
  };
}

/** Behind the log, where that is here; else behind the clock. */
async function lagOf({ as_of, watermark_ms }: StoredSource, own: Config | null, now_ms: number): Promise<string> {
  const directory = own === null ? null : dataPaths(own.data).log;
  if (directory !== null && existsSync(directory)) {
    const end = await new LogReader(directory).positionAt(Number.POSITIVE_INFINITY);
    if (end <= as_of) return 'the store has all of the log';
    return `the store lacks the last ${formatCount(end - as_of)} of ${formatCount(end)} entries of the log`;
  }
  if (watermark_ms === null) return `the store has ${formatCount(as_of)} entries of a log that is not here`;
  const behind = formatDuration(Math.max(0, now_ms - watermark_ms));
  return `the store has what happened until ${new Date(watermark_ms).toISOString()}, ${behind} ago; its log is not here`;
}

/**
 * This folder's log as the store has it; where the folder has none (another machine), the longest log of the store.
 * @throws CliError where there is no store, or no log in it
 */
export async function openStoreHistory(config: Config, shell: Shell): Promise<StoreHistory> {
  const reader = await openReader(config, {}, shell);
  try {
    const sources = await storedSources(reader.client);
    const own = sourceNameOf(config);
    const stored = sources.find(({ source }) => source === own) ?? (own === null ? sources[0] : undefined);
    if (stored === undefined) {
      throw usageError(
        'the store has no events of this log so far',
        'it is filled by `weir run`; the log itself is --from log',
      );
    }
    const { client } = reader;
    return {
      read: () => cursorsOf(readStoredLog(client, stored)),
      partial: await partialOf(client, stored),
      lag: await lagOf(stored, own === stored.source ? config : null, shell.now_ms()),
      close: () => reader.close(),
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
