import type { Detection, Program, RuleMetadata, Value, ValueType } from '../../engine/index.ts';
import { test_start_ms } from './script.ts';

/** A detection as rule tests compare and show it. */
export interface DetectionView {
  readonly rule: string;
  /** decided_at, from the start of the test. */
  readonly at_ms: number;
  readonly key: readonly Value[];
  readonly columns: readonly ColumnValue[];
  readonly severity: RuleMetadata['severity'];
  readonly suppressed: boolean;
  readonly revision: number;
  readonly status: Detection['status'];
  readonly evidence_total: number;
}

export interface ColumnValue {
  readonly name: string;
  readonly type: ValueType;
  readonly value: Value;
}

export function viewDetection(detection: Detection, program: Program): DetectionView {
  const operator = program.operators[detection.operator];
  return {
    rule: detection.rule,
    at_ms: detection.decided_at - test_start_ms,
    key: detection.key,
    columns: operator.outputs.map(({ name, type }, i) => ({ name, type, value: detection.values[i] ?? null })),
    severity: detection.severity,
    suppressed: detection.suppressed_by !== null,
    revision: detection.revision,
    status: detection.status,
    evidence_total: detection.evidence_total,
  };
}

/**
 * The core of a detection and of its revisions (S6) as text: what must be equal, byte for byte, however a test runs. Everything that follows
 * from the events and the plan and nothing else.
 */
export function coreText(detection: Detection): string {
  const { id, anchor_id, rule, plan_hash, tenant, key, anchor, window, values } = detection;
  const { decided_at, first_event_at, last_event_at, evidence, evidence_total } = detection;
  const { revision, status, severity, risk } = detection;
  return JSON.stringify([
    ...[id, anchor_id, rule, plan_hash, tenant, key, anchor, window, values],
    ...[decided_at, first_event_at, last_event_at, evidence, evidence_total, revision, status, severity, risk],
  ]);
}
