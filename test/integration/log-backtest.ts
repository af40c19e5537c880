import { LogReader } from '../../connectors/index.ts';
import { coreOf, type LogEntry, type Program, SortedRun, type SourceRecord, toRecord } from '../../engine/index.ts';
import { LogHistory } from '../../ui-api/cli/log-history.ts';

export interface LogContents {
  readonly entries: readonly { readonly position: number; readonly entry: LogEntry }[];
  readonly records: readonly { readonly position: number; readonly record: SourceRecord }[];
}

/** All that a log directory holds. */
export async function readLog(directory: string): Promise<LogContents> {
  const entries: { position: number; entry: LogEntry }[] = [];
  for await (const found of new LogReader(directory).read(0)) entries.push(found);
  const records = entries.flatMap(({ position, entry }) =>
    entry.kind === 'record' ? [{ position, record: entry.record }] : [],
  );
  return { entries, records };
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

/** The cores that `weir backtest --from log` gives: the records sorted, with the verdicts that the log has, up to its watermark. */
export async function backtestOfLog(program: Program, log: LogContents): Promise<unknown[]> {
  const stored = await LogHistory.read(() => each(log.entries), program);
  const run = new SortedRun(program, { until_ms: stored.watermark_ms });
  for (const { position, record } of log.records) run.add(record, stored.of(position));
  return [...run.finish()].flat().map((detection) => coreOf(toRecord(program, detection, { mode: 'backtest' })));
}
