import { type Detection, type DetectionRecord, type Program, toRecord } from '../../engine/index.ts';
import type { BacktestFacts, BacktestRun } from './backtest-run.ts';

/** Of a detection what a backtest counts, and what it shows. */
export interface ShownDetection
  extends Pick<Detection, 'rule' | 'tenant' | 'key' | 'decided_at' | 'revision' | 'status' | 'suppressed_by'> {
  /** As JSON, where it was written by another thread. null: a signal is counted and never shown: it is for rules and risk. */
  readonly record: DetectionRecord | string | null;
}

export function shownOf(program: Program, detection: Detection): ShownDetection {
  const { rule, tenant, key, decided_at, revision, status, suppressed_by } = detection;
  const isSignal = program.operators[detection.operator].metadata.mode === 'signal';
  const record = isSignal ? null : toRecord(program, detection, { mode: 'backtest' });
  return { rule, tenant, key, decided_at, revision, status, suppressed_by, record };
}

/** A backtest that has read its source, wherever it is judged. */
export interface ShownRun {
  /** What is decided, in the total order. */
  finish(): Iterable<readonly ShownDetection[]> | AsyncIterable<readonly ShownDetection[]>;
  /** When that was read to its end; what the reader of the results has to know of how it was done, in sentences. */
  facts(): BacktestFacts & { readonly notes: readonly string[] };
  close(): void;
}

/** By this thread. */
export function shownRun(program: Program, run: BacktestRun): ShownRun {
  return {
    *finish() {
      for (const detections of run.finish()) yield detections.map((detection) => shownOf(program, detection));
    },
    facts: () => ({ ...run.facts(), notes: [] }),
    close: () => run.close(),
  };
}
