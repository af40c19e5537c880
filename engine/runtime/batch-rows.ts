import { limits } from '../limits.ts';
import type { Program } from '../program.ts';

/** So many windows that an event is in, each emitted, are still few. */
const FEW_WINDOWS = 128;

/**
 * Rows in a batch through the fold of this program. It cannot show in any result (S1), but in memory: fewer where each
 * event may be emitted in many windows, as a HOPPING view, table or rule with a life emits each. What a JOIN or UNNEST makes
 * many rows of comes in pieces (fold/pieces.ts). `isSent`: batches go to other threads too, each with its texts.
 */
export function batchRowsOf({ operators }: Pick<Program, 'operators'>, isSent = false): number {
  const isMany = operators.some(({ window, life, output_stream }) => {
    if (window?.kind !== 'hopping' || (life === undefined && output_stream < 0)) return false;
    return window.size_ms / window.advance_ms > FEW_WINDOWS;
  });
  if (isSent) return limits.sent_batch_rows;
  return isMany ? limits.piece_rows : limits.batch_rows;
}
