import type { Program } from '../../engine/index.ts';
import type { Config } from '../config.ts';
import { type HistoryEntries, openLogHistory } from './history-source.ts';
import { LogColumns } from './log-columns.ts';
import { LogHistory, withoutRules } from './log-history.ts';
import { type LogProgress, type Step, withProgress } from './log-progress.ts';

/** What became of a log's closed segments: so many there are, the first `kept` have columns now, so many were made. */
export interface KeptColumns {
  readonly closed: number;
  readonly kept: number;
  readonly made: number;
  /** So many at the end wait: a record in or before them has no verdict in the log yet. */
  readonly unjudged: number;
  /** Why others have none, in sentences. */
  readonly problems: readonly string[];
  /** Why not all could be kept; null: all that can be are. */
  readonly failure: string | null;
}

/**
 * Makes what columns of a log are missing, as far as every record has its verdict.
 * @param threads so many segments at once
 * @param progress null: nobody asks
 */
export async function makeMissing(
  columns: LogColumns,
  history: LogHistory,
  threads: number,
  progress: LogProgress | null,
): Promise<void> {
  const { judged_end: of } = history;
  let read = columns.made_to;
  const made = columns.make(history, threads, (position) => {
    read = position;
  });
  if (progress === null || read >= of) await made;
  else await progress.during((): Step => ({ step: 'columns', read, of }), made);
  progress?.done();
}

/**
 * Makes columns of a log as a backtest of rules that read nothing would; of the rules only what they say of the stream counts
 * (its fields, LATENESS and the like).
 * @param progressOf given about how many entries the log has; null: nobody asks
 * @throws CliError where there is no log
 */
export async function keepColumns(
  config: Pick<Config, 'data'>,
  rules: Program,
  threads: number,
  progressOf: ((about: number) => LogProgress) | null,
): Promise<KeptColumns> {
  const log = openLogHistory(config);
  try {
    return await keepOf(config, log, rules, threads, progressOf);
  } finally {
    await log.close();
  }
}

async function keepOf(
  config: Pick<Config, 'data'>,
  log: HistoryEntries,
  rules: Program,
  threads: number,
  progressOf: ((about: number) => LogProgress) | null,
): Promise<KeptColumns> {
  const program = withoutRules(rules);
  const columns = await LogColumns.open(config, program);
  const progress = progressOf?.(columns.about_entries()) ?? null;
  const say = (step: Step): void => progress?.say(step);
  const history = await LogHistory.read(
    (until, from = 0) => withProgress(log.read(until, from), 'history', until ?? null, say, from),
    program,
    columns.known,
  );
  await makeMissing(columns, history, threads, progress);
  const { closed, prefix, made, failure } = columns;
  const unjudged = columns.behind(history.judged_end);
  return { closed, kept: prefix.length, made, unjudged, problems: columns.problems(), failure };
}
