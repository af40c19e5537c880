import { type Batch, type Detection, type Dictionary, Fold, type Program } from '../engine/index.ts';

/**
 * A fresh fold over all batches, as the engine drives it; `take` gets each batch's detections. Returns how long the
 * second half of the batches took, in milliseconds: the first half fills the windows.
 */
export function foldDetections(
  program: Program,
  dictionary: Dictionary,
  batches: readonly Batch[],
  form: 'hot' | 'judge',
  take: (found: readonly Detection[]) => void,
): number {
  const fold = new Fold(program, dictionary, { shards: 1, form });
  const half = batches.length >> 1;
  let started = 0;
  batches.forEach((batch, i) => {
    if (i === half) started = performance.now();
    take(fold.push(batch, batch.time[batch.count - 1] as number));
  });
  return performance.now() - started;
}
