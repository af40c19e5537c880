import type { LogCursor } from '../../connectors/index.ts';
import type { Program } from '../../engine/index.ts';
import { type BacktestRunOptions, SortedBacktest } from './backtest-run.ts';
import { readingOf, warmUpOptions } from './history-part.ts';
import type { LogColumns } from './log-columns.ts';
import { giveRecords, type LogHistory } from './log-history.ts';
import type { BacktestLookups } from './lookup-history.ts';

/** A log of which every verdict is known, and its columns. */
export interface JudgedLog {
  readonly history: Pick<LogHistory, 'of' | 'watermark_ms'>;
  readonly columns: Pick<LogColumns, 'prefix' | 'end_position'> | null;
  /** Its entries from a position on, as they were when `history` was read. */
  readonly read: (from: number) => AsyncIterable<LogCursor>;
  readonly lookups: Pick<BacktestLookups, 'begin' | 'recorded'>;
}

/**
 * A backtest that has read the log: the columns of its first segments, and the records behind them with their verdicts. With
 * --since columns from what the rules remember there on; a sentence that says so, null where all was read.
 * @param read_on called after each batch of records
 */
export async function readLog(
  program: Program,
  options: BacktestRunOptions,
  log: JudgedLog,
  read_on: () => Promise<void> | undefined,
): Promise<{ readonly run: SortedBacktest; readonly note: string | null }> {
  const { columns, history } = log;
  const { watermark_ms } = history;
  const prefix = columns?.prefix ?? [];
  const earliest_ms = prefix.reduce((least, segment) => Math.min(least, segment.earliest_ms), Number.POSITIVE_INFINITY);
  const latest_ms = prefix.reduce((most, segment) => Math.max(most, segment.latest_ms), Number.NEGATIVE_INFINITY);
  // Behind the last event of sources that ended windows end all the same, however late `since` is.
  const ended_ms = Number.isFinite(watermark_ms) ? watermark_ms : latest_ms;
  const span = { earliest_ms, watermark_ms: ended_ms };
  const { from_ms } = await readingOf(program, options, span, (from_ms, since_ms) => {
    return fill(new SortedBacktest(program, warmUpOptions(from_ms, since_ms), watermark_ms), log, () => undefined);
  });
  if (from_ms === Number.NEGATIVE_INFINITY) {
    return { run: await fill(new SortedBacktest(program, options, watermark_ms), log, read_on), note: null };
  }
  const part = { ...options, complete_from_ms: from_ms };
  const run = await fill(new SortedBacktest(program, part, watermark_ms), log, read_on);
  const note = `of the columns was read what happened from ${new Date(from_ms).toISOString()} on: no more is needed`;
  return { run, note };
}

async function fill(
  run: SortedBacktest,
  { history, columns, read, lookups }: JudgedLog,
  read_on: () => Promise<void> | undefined,
): Promise<SortedBacktest> {
  lookups.begin(run);
  for (const segment of columns?.prefix ?? []) {
    run.addColumns(segment);
    for (const activation of segment.lookups()) lookups.recorded(run, { kind: 'lookup', ...activation });
  }
  const begin = columns?.end_position ?? 0;
  await giveRecords(history, run, read(begin), (activation) => lookups.recorded(run, activation), read_on);
  return run;
}
