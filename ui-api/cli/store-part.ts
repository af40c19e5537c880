import type { Program } from '../../engine/index.ts';
import { type BacktestRunOptions, SortedBacktest } from './backtest-run.ts';
import { readingOf, warmUpOptions } from './history-part.ts';
import type { PartialHistory } from './history-source.ts';
import type { BacktestLookups } from './lookup-history.ts';

/** A backtest that has read no more of the store than its answer depends on, and a sentence that says what. */
export async function readPart(
  program: Program,
  options: BacktestRunOptions,
  history: PartialHistory,
  lookups: Pick<BacktestLookups, 'begin' | 'recorded'>,
): Promise<{ readonly run: SortedBacktest; readonly note: string }> {
  const fill = async (run: SortedBacktest, from_ms: number, to_ms: number): Promise<SortedBacktest> => {
    lookups.begin(run);
    for await (const { entry } of history.lookups()) lookups.recorded(run, entry);
    for await (const { entry } of history.part(from_ms, to_ms)) run.add(entry.record, 'accepted');
    return run;
  };
  const { from_ms, to_ms } = await readingOf(program, options, history, (from_ms, since_ms) => {
    return fill(new SortedBacktest(program, warmUpOptions(from_ms, since_ms)), from_ms, since_ms);
  });
  const isCut = from_ms > history.earliest_ms;
  const known = isCut ? { ...options, complete_from_ms: from_ms } : options;
  const run = await fill(new SortedBacktest(program, known, history.watermark_ms), from_ms, to_ms);
  const from = isCut ? new Date(from_ms).toISOString() : 'the beginning';
  const note = `read was what was accepted from ${from} to ${new Date(to_ms).toISOString()}: no more is needed`;
  return { run, note };
}
