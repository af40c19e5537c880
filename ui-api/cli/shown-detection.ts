import { type Detection, type DetectionRecord, type Program, toRecord } from '../../engine/index.ts';

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
