import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold, type FoldOptions } from '../../../engine/fold/fold.ts';
import type { Detection, Program } from '../../../engine/index.ts';
import type { SimulationEvent } from '../../simulation/case.ts';
import { batchOf } from './programs.ts';

export interface RunOptions extends FoldOptions {
  /** Rows per push. */
  readonly batch_rows: number;
  /** A new fold takes over from a snapshot after this many pushes each. */
  readonly restart_every?: number;
  /** Nothing is closed at the end: the fold stands at the last event. */
  readonly isOpen?: boolean;
}

/** All detections over events in total order; after the last push everything closes, where `isOpen` does not say otherwise. */
export function runFold(
  program: Program,
  events: readonly (SimulationEvent & { event_id: string; seq: number })[],
  options: RunOptions,
): { detections: Detection[]; fold: Fold } {
  const symbols = new Dictionary();
  let fold = new Fold(program, symbols, options);
  const detections: Detection[] = [];
  for (let at = 0, pushes = 1; at < events.length; at += options.batch_rows, pushes++) {
    const rows = events.slice(at, at + options.batch_rows);
    const next = events[at + options.batch_rows]?.timestamp ?? Number.NEGATIVE_INFINITY;
    // The watermark may stand anywhere up to the next row; every other push says nothing.
    detections.push(...fold.push(batchOf(rows, symbols, program), pushes % 2 === 0 ? next : Number.NEGATIVE_INFINITY));
    if (options.restart_every !== undefined && pushes % options.restart_every === 0) {
      const snapshot = structuredClone(fold.snapshot());
      fold = new Fold(program, symbols, options);
      fold.restore(snapshot);
    }
  }
  if (options.isOpen !== true) {
    detections.push(...fold.push(batchOf([], symbols, program), Number.POSITIVE_INFINITY));
  }
  return { detections, fold };
}
