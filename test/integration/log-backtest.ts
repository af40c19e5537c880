import { cursorsOf, LogReader } from '../../connectors/index.ts';
import {
  coreOf,
  type DetectionRecord,
  type LogEntry,
  type Program,
  SortedRun,
  type SourceRecord,
  type TableRecord,
  type TableRow,
  toRecord,
  toTableRecord,
} from '../../engine/index.ts';
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

/** What a run gives, as it is published. */
export interface BacktestRecords {
  readonly detections: readonly DetectionRecord[];
  readonly rows: readonly TableRecord[];
}

/**
 * What `weir backtest --from log` gives: the records sorted, with the verdicts and the rows of lookups that the log has, up
 * to its watermark. As the files have it: it went through JSON.
 */
export async function backtestRecordsOfLog(program: Program, log: LogContents): Promise<BacktestRecords> {
  const stored = await LogHistory.read(() => cursorsOf(each(log.entries)), program);
  const rows: TableRow[] = [];
  const run = new SortedRun(program, { until_ms: stored.watermark_ms, on_table_row: (row) => void rows.push(row) });
  for (const { position, entry } of log.entries) {
    if (entry.kind === 'record') run.add(entry.record, stored.of(position));
    else if (entry.kind === 'lookup') run.activate(entry);
  }
  const found = [...run.finish()].flat();
  const detections = found.map((detection) => toRecord(program, detection, { mode: 'backtest' }));
  return JSON.parse(JSON.stringify({ detections, rows: rows.map((row) => toTableRecord(program, row)) }));
}

/** The cores that `weir backtest --from log` gives. */
export async function backtestOfLog(program: Program, log: LogContents): Promise<unknown[]> {
  return (await backtestRecordsOfLog(program, log)).detections.map(coreOf);
}
