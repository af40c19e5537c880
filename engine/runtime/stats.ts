import type { FailedCasts } from '../decode/failed-casts.ts';
import type { FailedValues } from '../failures.ts';
import { type StateParts, sumOf } from '../fold/state-parts.ts';
import type { FoldStats, OperatorStats } from '../fold/stats.ts';
import type { DropCounters } from '../limits.ts';

/** What an engine or a sorted run holds, for `weir run`, the summary of a backtest and metrics. */
export interface EngineStats {
  /** In the order of Program.operators. */
  readonly operators: readonly OperatorStats[];
  /** What bounds dropped, by the bound's name in limits.ts; bounds that dropped nothing are not named. */
  readonly drops: DropCounters;
  /** Values of `details` of accepted events that a cast could not read and that became NULL since the start, by column. */
  readonly failed_casts: ReadonlyMap<string, number>;
  /** The same by cast (FailedCasts.byCast). */
  readonly failed_by_cast: ReadonlyMap<string, number>;
  /** By rule or view, by expression: casts elsewhere, and arithmetic, that came to nothing since the start. */
  readonly failed_values: FailedValues;
  /** Texts in the dictionary. */
  readonly dictionary_size: number;
  /** Keys and rows of the fold. */
  readonly keys: number;
  readonly rows: number;
  /** What the fold, the door, the early side, the dictionary and lookups hold together; texts and objects as V8 lays them out. */
  readonly state_bytes: number;
  /** The same by what holds it, in bytes. */
  readonly parts: StateParts;
}

export interface FrontStats {
  readonly dropped_ids: number;
  readonly failed_casts: FailedCasts;
  readonly dictionary_size: number;
  /** The dictionary with its texts, and what the decoder remembers of them. */
  readonly text_bytes: number;
  readonly decoder_bytes: number;
  readonly lookup_bytes: number;
  /** What the door holds, by part. */
  readonly door: StateParts;
  /** EMIT EARLY: the second instance of the plans with what it told, and early detections beyond the bounds. */
  readonly early_bytes: number;
  readonly dropped_early: number;
  readonly dropped_early_bytes: number;
}

export function engineStats(fold: FoldStats, front: FrontStats): EngineStats {
  const drops: DropCounters = { ...fold.drops };
  if (front.dropped_ids > 0) drops.dedup_ids = front.dropped_ids;
  if (front.dropped_early > 0) drops.early_detections = front.dropped_early;
  if (front.dropped_early_bytes > 0) drops.early_bytes = front.dropped_early_bytes;
  const parts = {
    ...fold.parts,
    ...front.door,
    'early side': front.early_bytes,
    texts: front.text_bytes,
    'ids by the bytes of texts': front.decoder_bytes,
    lookups: front.lookup_bytes,
  };
  return {
    operators: fold.operators,
    drops,
    failed_casts: front.failed_casts.byColumn(),
    failed_by_cast: front.failed_casts.byCast(),
    failed_values: fold.failed_values,
    dictionary_size: front.dictionary_size,
    keys: fold.keys,
    rows: fold.rows,
    state_bytes: sumOf(parts),
    parts,
  };
}
