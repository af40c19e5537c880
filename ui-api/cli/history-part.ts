import { Coverage, type Program } from '../../engine/index.ts';
import type { BacktestRun } from './backtest-run.ts';

/** The part of a history that a backtest of [since, until) reads. */
export interface Reading {
  /** -Infinity: from the beginning. */
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface Asked {
  readonly since_ms: number | null;
  readonly until_ms: number | null;
}

/** What of a history has to be known to read a part of it. */
export interface HistorySpan {
  /** Of the earliest accepted event. */
  readonly earliest_ms: number;
  /** Before this stream time everything that is accepted is there, judged. */
  readonly watermark_ms: number;
}

/** How much further back is tried where the warm-up did not settle what SUPPRESS remembers. */
const further = 4;

/**
 * What has to be read for the detections that are decided in [since, until) to be those of the whole history: what the rules
 * remember before `since` (S14), and where one has SUPPRESS or RESET as far back as it takes to know what was suppressed,
 * which a run over the time before `since` tells. From the beginning where a rule remembers without an end.
 * @param warmUp a run over what was accepted in [from, since), which tells of since
 */
export async function readingOf(
  program: Program,
  { since_ms, until_ms }: Asked,
  { earliest_ms, watermark_ms }: HistorySpan,
  warmUp: (from_ms: number, since_ms: number) => Promise<BacktestRun>,
): Promise<Reading> {
  const to_ms = Math.min(until_ms ?? Number.POSITIVE_INFINITY, watermark_ms);
  const whole = { from_ms: Number.NEGATIVE_INFINITY, to_ms };
  const { horizon_ms, quiet_ms } = new Coverage(program, null).reach;
  if (since_ms === null || quiet_ms === null) return whole;
  for (let reach_ms = horizon_ms + 2 * quiet_ms; ; reach_ms *= further) {
    // What is undecided at the end depends on what is remembered there, wherever --since lies.
    const from_ms = Math.min(since_ms, to_ms) - reach_ms - 1;
    if (from_ms <= earliest_ms) return whole;
    if (quiet_ms === 0 || (await isWarm(warmUp, from_ms, since_ms))) return { from_ms, to_ms };
  }
}

/** Whether everything that the rules remember at `since` is known from what came after `from`. */
async function isWarm(warmUp: Parameters<typeof readingOf>[3], from_ms: number, since_ms: number): Promise<boolean> {
  const run = await warmUp(from_ms, since_ms);
  try {
    for (const _ of run.finish());
    return [...run.facts().history.values()].every((coverage) => coverage === 'warm');
  } finally {
    run.close();
  }
}

/** Options of the run that `warmUp` gives: nothing of it is told. */
export function warmUpOptions(from_ms: number, since_ms: number) {
  const part = { since_ms, until_ms: since_ms, complete_from_ms: from_ms, late_include: false };
  return { ...part, on_letter: () => undefined };
}
