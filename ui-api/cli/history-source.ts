import { existsSync } from 'node:fs';
import { LogReader, readStoredLog, storedSources } from '../../connectors/index.ts';
import type { LogEntry } from '../../engine/index.ts';
import { type Config, dataPaths } from '../config.ts';
import { sourceNameOf } from '../live/store.ts';
import type { Shell } from './command.ts';
import { usageError } from './exit.ts';
import { openReader } from './store-reader.ts';

/** The entries of a log, wherever they are kept; the same each time they are read. */
export interface HistoryEntries {
  /** In the order of their positions, from the first one; those before `until`. */
  readonly read: (until?: number) => AsyncIterable<{ readonly position: number; readonly entry: LogEntry }>;
  close(): Promise<void>;
}

/** Whether a backtest reads what Weir received, and not a file. */
export function isHistory(from: string): from is 'log' | 'store' {
  return from === 'log' || from === 'store';
}

/** @throws CliError where there is no log */
export function openLogHistory(config: Config): HistoryEntries {
  const directory = dataPaths(config.data).log;
  if (!existsSync(directory)) {
    throw usageError(`there is no log in ${directory}`, 'start `weir run` first, or name its folder with --data');
  }
  const reader = new LogReader(directory);
  return { read: (until) => reader.read(0, until), close: async () => undefined };
}

/**
 * This folder's log as the store has it; where the folder has none (another machine), the longest log of the store.
 * @throws CliError where there is no store, or no log in it
 */
export async function openStoreHistory(config: Config, shell: Shell): Promise<HistoryEntries> {
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
    return { read: () => readStoredLog(reader.client, stored), close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
