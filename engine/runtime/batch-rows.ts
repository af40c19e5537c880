import { limits } from '../limits.ts';
import type { Program } from '../program.ts';

/**
 * Rows in a batch through the fold of this program. It cannot show in any result (S1), but in memory and in how long a push
 * takes: of a stream JOIN a row may make as many pairs as rows wait for it, of UNNEST as many rows as its array has elements.
 * `isSent`: batches go to other threads too, with their texts, and are bounded by bytes one by one.
 */
export function batchRowsOf({ streams, operators }: Pick<Program, 'streams' | 'operators'>, isSent = false): number {
  const isGrowing =
    streams.some(({ join }) => join !== undefined) || operators.some(({ unnest }) => unnest !== undefined);
  return isGrowing || isSent ? limits.growing_batch_rows : limits.batch_rows;
}
