import { type Batch, type Detection, type Dictionary, Fold, type Program } from '../engine/index.ts';

/** A fresh fold over all batches, as the engine drives it; `take` gets each batch's detections. */
export function foldDetections(
  program: Program,
  dictionary: Dictionary,
  batches: readonly Batch[],
  take: (found: readonly Detection[]) => void,
): void {
  const fold = new Fold(program, dictionary, { shards: 1 });
  for (const batch of batches) take(fold.push(batch, batch.time[batch.count - 1] as number));
}
