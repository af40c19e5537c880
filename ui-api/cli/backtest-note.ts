import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Program } from '../../engine/index.ts';
import { dataPaths, readConfig } from '../config.ts';
import { appendRun } from '../runs/run-history.ts';
import type { BacktestSummary } from './backtest-report.ts';
import type { Shell } from './command.ts';
import { isHistory } from './history-source.ts';
import { version } from './version.ts';

/** What of a backtest's options its record names; see BacktestOptions. */
interface NotedOptions {
  readonly from: string;
  readonly data?: string;
  readonly late?: string;
  readonly lookups?: string;
  readonly run?: string;
  readonly runBy?: string;
}

/** Of the session that ran it: the position behind the last entry of the log that it read, 0 where it read a file. */
interface NotedSession {
  readonly program: Program;
  readonly log_end: number;
}

/** Notes a backtest that came to its end in the data folder, where there is one, for the store's table of runs. */
export function noteRun(
  summary: BacktestSummary,
  { program, log_end }: NotedSession,
  options: NotedOptions,
  { environment, folder, stderr, now_ms }: Pick<Shell, 'environment' | 'folder' | 'stderr' | 'now_ms'>,
): void {
  const { from, data, late = null, lookups = null } = options;
  // A file needs no settings: what is wrong with them is no reason to refuse it.
  const config = isHistory(from) || data !== undefined ? readConfig({ flags: { data }, environment, folder }) : null;
  const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  const rules = program.operators.filter(({ kind }) => kind === 'rule');
  const end_ms = now_ms();
  const at = new Date(end_ms).toISOString();
  const { since_ms, until_ms, as_arrived, counters, elapsed_ms } = summary;
  const problem = appendRun(dataPaths(config?.data ?? resolve(folder, 'var')).run_history, {
    ...{ id: options.run ?? randomUUID(), mode: as_arrived ? 'replay' : 'backtest', state: 'done', version },
    ...{ by: options.runBy ?? '', program_hash: program.hash, input: summary.source, error: null },
    rules: rules.map(({ name, plan_hash }) => [name, plan_hash] as const),
    parameters: { since: time(since_ms), until: time(until_ms), late, lookups },
    range: [time(summary.first_event_ms), time(summary.last_event_ms)],
    log: [0, log_end],
    ...{ started_at: new Date(end_ms - elapsed_ms).toISOString(), ended_at: at, at, counters },
    detections: Object.fromEntries([...summary.rules].map(([name, { detections }]) => [name, detections])),
  });
  if (problem !== null) stderr.line(`  note: ${problem}`);
}
