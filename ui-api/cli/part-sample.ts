import { availableParallelism } from 'node:os';
import { type LookupContent, type Program, type ProgramPart, partsOf, SortedRun } from '../../engine/index.ts';
import type { LogColumns } from './log-columns.ts';
import { BacktestLookups, type LookupMode } from './lookup-history.ts';

/** Events that are judged to see how much work which rules are. */
const sampled_events = 10_000;
/** With fewer events threads take longer to start than they save. */
const least_events = 500_000;
/**
 * Each thread reads columns for itself, which costs about as much as a row that is kept for a rule: with ten rules that take
 * one row an event two threads were slower than one, with 1.7 rows faster.
 */
const least_rows_per_event = 1.5;

/**
 * The rules of a backtest for so many threads, a part for each; none where one thread is as good.
 * @param columns of the log, which the rules can read
 * @param threads null: one per processor, where that is worth it
 */
export function sharedOut(
  program: Program,
  columns: LogColumns,
  lookups: { readonly contents: readonly LookupContent[]; readonly mode: LookupMode },
  threads: number | null,
): readonly ProgramPart[] {
  const events = columns.prefix.reduce((sum, { events: { count } }) => sum + count, 0);
  const most = threads ?? availableParallelism();
  if (most < 2 || events < (threads === null ? least_events : 1)) return [];
  const rows = rowsOf(program, columns, new BacktestLookups(program, lookups.contents, lookups.mode));
  const all = [...rows.values()].reduce((sum, one) => sum + one, 0);
  if (threads === null && all < least_rows_per_event * Math.min(events, sampled_events)) return [];
  const parts = partsOf(program, most, rows);
  return parts.length < 2 ? [] : parts;
}

/** By rule and view, how many of the log's first events passed its WHERE. */
function rowsOf(program: Program, { prefix: [first] }: LogColumns, lookups: BacktestLookups): Map<string, number> {
  const { count } = first.events;
  const until_ms = count <= sampled_events ? Number.POSITIVE_INFINITY : first.events.numbers('time')[sampled_events];
  const run = new SortedRun(program, { judged_to_ms: Number.POSITIVE_INFINITY, until_ms });
  lookups.begin(run);
  run.addColumns(first);
  for (const activation of first.lookups()) lookups.recorded(run, { kind: 'lookup', ...activation });
  for (const _ of run.finish());
  return new Map(run.stats().operators.map(({ name, events }) => [name, events]));
}
