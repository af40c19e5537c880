import { type Batch, type Detection, type Dictionary, Fold, type Program } from '../engine/index.ts';
import { watchedNetworks } from './construct-rules.ts';
import { cpuTime_ms } from './cpu-time.ts';

/**
 * A fresh fold over all batches, as the engine drives it; `take` gets each batch's detections. Returns how long the
 * second half of the batches took, in milliseconds: the first half fills the windows. `passed`: rows that passed the
 * WHERE of an operator, of all operators together; `fold`: what was driven.
 */
export function foldDetections(
  program: Program,
  dictionary: Dictionary,
  batches: readonly Batch[],
  form: 'hot' | 'judge',
  take: (found: readonly Detection[]) => void,
): { took_ms: number; passed: number; fold: Fold } {
  const fold = new Fold(program, dictionary, { shards: 1, form });
  fold.lookups.activate({ ...watchedNetworks(), from_ms: Number.NEGATIVE_INFINITY });
  const half = batches.length >> 1;
  let started = 0;
  batches.forEach((batch, i) => {
    if (i === half) started = cpuTime_ms();
    take(fold.push(batch, batch.time[batch.count - 1] as number));
  });
  const took_ms = cpuTime_ms() - started;
  return { fold, took_ms, passed: fold.stats().operators.reduce((sum, { events }) => sum + events, 0) };
}
