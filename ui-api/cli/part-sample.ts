import { availableParallelism, loadavg } from 'node:os';
import {
  type ColumnSegment,
  type LookupActivation,
  type LookupContent,
  type Program,
  type ProgramPart,
  partsOf,
  SortedRun,
} from '../../engine/index.ts';
import { BacktestLookups, type LookupMode } from './lookup-history.ts';

/** Columns of a log's stretch, with the activations of lookups in it. */
export type SampledSegment = ColumnSegment & { lookups(): readonly LookupActivation[] };

export interface Sharing {
  readonly lookups: { readonly contents: readonly LookupContent[]; readonly mode: LookupMode };
  /** null: one per processor that is idle, where that is worth it. */
  readonly threads: number | null;
  readonly until_ms: number;
}

/** What has to be there for threads that nobody asked for. */
export const worth = {
  /** With fewer events threads take longer to start than they save. */
  events: 500_000,
  /**
   * Each thread reads columns for itself, which costs about as much as a row that is kept for a rule: with ten rules that
   * take one row an event two threads were slower than one, with a hundred that take 1.7 they were faster.
   */
  rows_per_event: 1.5,
};

/** Events that are judged to see how much work which rules are. */
const sampled_events = 10_000;

/**
 * The rules of a backtest for so many threads, a part for each; none where one thread is as good.
 * @param segments of the log, whose columns the rules can read
 */
export function sharedOut(
  program: Program,
  segments: readonly SampledSegment[],
  { lookups, threads, until_ms }: Sharing,
  least = worth,
  idle = idleProcessors,
): readonly ProgramPart[] {
  const read = segments.filter(({ earliest_ms }) => earliest_ms < until_ms);
  const events = read.reduce((sum, { events: { count } }) => sum + count, 0);
  const most = threads ?? idle();
  if (most < 2 || events < (threads === null ? least.events : 1)) return [];
  const rows = rowsOf(program, read[0], new BacktestLookups(program, lookups.contents, lookups.mode));
  const all = [...rows.values()].reduce((sum, one) => sum + one, 0);
  if (threads === null && all < least.rows_per_event * Math.min(read[0].events.count, sampled_events)) return [];
  const parts = partsOf(program, most, rows);
  return parts.length < 2 ? [] : parts;
}

/**
 * Threads read columns of their own, so that they take more time of processors than one: on one that others have they are
 * slower. Where the system tells no load it is 0.
 */
export function idleProcessors(all = availableParallelism(), [load]: readonly number[] = loadavg()): number {
  return Math.max(1, all - Math.round(load));
}

/** By rule and view, how many of the first events passed its WHERE. */
function rowsOf(program: Program, first: SampledSegment, lookups: BacktestLookups): Map<string, number> {
  const { count } = first.events;
  const until_ms = count <= sampled_events ? Number.POSITIVE_INFINITY : first.events.numbers('time')[sampled_events];
  const run = new SortedRun(program, { judged_to_ms: Number.POSITIVE_INFINITY, until_ms });
  lookups.begin(run);
  run.addColumns(first);
  for (const activation of first.lookups()) lookups.recorded(run, { kind: 'lookup', ...activation });
  for (const _ of run.finish());
  return new Map(run.stats().operators.map(({ name, events }) => [name, events]));
}
