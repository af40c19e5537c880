import { Coverage, type Program } from '../../engine/index.ts';
import { type BacktestRunOptions, SortedBacktest } from './backtest-run.ts';
import type { PartialHistory } from './history-source.ts';
import type { BacktestLookups } from './lookup-history.ts';

/** The part of a history that a backtest of [since, until) reads. */
interface Reading {
  /** -Infinity: from the beginning. */
  readonly from_ms: number;
  readonly to_ms: number;
}

/** A backtest that has read no more of a history than its answer depends on, and a sentence that says what. */
export async function readPart(
  program: Program,
  options: BacktestRunOptions,
  history: PartialHistory,
  lookups: Pick<BacktestLookups, 'begin' | 'recorded'>,
): Promise<{ readonly run: SortedBacktest; readonly note: string }> {
  const { from_ms, to_ms } = await readingOf(program, options, history);
  const isCut = from_ms > history.earliest_ms;
  const known = isCut ? { ...options, complete_from_ms: from_ms } : options;
  const run = new SortedBacktest(program, known, history.watermark_ms);
  lookups.begin(run);
  for await (const { entry } of history.lookups()) lookups.recorded(run, entry);
  for await (const { entry } of history.part(from_ms, to_ms)) run.add(entry.record, 'accepted');
  const from = isCut ? new Date(from_ms).toISOString() : 'the beginning';
  const note = `read was what was accepted from ${from} to ${new Date(to_ms).toISOString()}: no more is needed`;
  return { run, note };
}

/** How much further back is tried where the warm-up did not settle what SUPPRESS remembers. */
const further = 4;

/**
 * What has to be read for the detections that are decided in [since, until) to be those of the whole history: what the rules
 * remember before `since` (S14), and where one has SUPPRESS or RESET as far back as it takes to know what was suppressed,
 * which a run over the time before `since` tells. From the beginning where a rule remembers without an end.
 */
async function readingOf(
  program: Program,
  { since_ms, until_ms }: { readonly since_ms: number | null; readonly until_ms: number | null },
  history: PartialHistory,
): Promise<Reading> {
  const { earliest_ms, watermark_ms } = history;
  const to_ms = Math.min(until_ms ?? Number.POSITIVE_INFINITY, watermark_ms);
  const whole = { from_ms: Number.NEGATIVE_INFINITY, to_ms };
  const { horizon_ms, quiet_ms } = new Coverage(program, null).reach;
  const hasRisk = program.operators.some(({ risk }) => risk !== undefined);
  if (since_ms === null || quiet_ms === null || hasRisk) return whole;
  for (let reach_ms = horizon_ms + 2 * quiet_ms; ; reach_ms *= further) {
    // What is undecided at the end depends on what is remembered there, wherever --since lies.
    const from_ms = Math.min(since_ms, to_ms) - reach_ms - 1;
    if (from_ms <= earliest_ms) return whole;
    if (quiet_ms === 0 || (await isWarm(program, history, from_ms, since_ms))) return { from_ms, to_ms };
  }
}

/** Whether everything that the rules remember at `since` is known from what came after `from`. */
async function isWarm(program: Program, history: PartialHistory, from_ms: number, since_ms: number): Promise<boolean> {
  const part = { since_ms, until_ms: since_ms, complete_from_ms: from_ms, late_include: false };
  const run = new SortedBacktest(program, { ...part, on_letter: () => undefined });
  try {
    for await (const { entry } of history.lookups()) run.activate(entry);
    for await (const { entry } of history.part(from_ms, since_ms)) run.add(entry.record, 'accepted');
    for (const _ of run.finish());
    return [...run.facts().history.values()].every((coverage) => coverage === 'warm');
  } finally {
    run.close();
  }
}
