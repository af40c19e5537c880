import type { Detection, EarlyNote, Program, RuleMetadata, Value, ValueType } from '../../engine/index.ts';
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
  /** What suppresses it: the name of an exception, or when the detection that covers it was decided. */
  readonly suppressed_by: string | number | null;
  /** In the life of the detection; of an EMIT EARLY rule one more where the final one says something else than the early one did. */
  readonly revision: number;
  /** It is a further revision, not the detection as it was opened. */
  readonly follows: boolean;
  readonly timing: 'early' | 'final';
  readonly withdrawn: boolean;
  readonly status: Detection['status'];
  readonly evidence_total: number;
}

export interface ColumnValue {
  readonly name: string;
  readonly type: ValueType;
  readonly value: Value;
}

/** What became of the detections of a run, as far as one of them does not say it itself. */
export interface RunFacts {
  /** decided_at by id. */
  readonly decided: ReadonlyMap<string, number>;
  /** EMIT EARLY: by id and place in the final set, the revision as it is told. */
  readonly revisions: ReadonlyMap<string, number>;
  readonly withdrawn: ReadonlySet<string>;
}

export function factsOf(detections: readonly Detection[], early: readonly EarlyNote[]): RunFacts {
  const first = detections.filter(({ revision }) => revision === 1);
  return {
    decided: new Map(first.map(({ id, decided_at }) => [id, decided_at])),
    revisions: new Map(
      early.flatMap(({ kind, detection, revision }) => (kind === 'final' ? [[placeOf(detection), revision]] : [])),
    ),
    withdrawn: new Set(early.flatMap(({ kind, detection }) => (kind === 'withdrawn' ? [detection.id] : []))),
  };
}

/** What left early, as rule tests see it. */
export function viewEarly(detection: Detection, program: Program, facts: RunFacts): DetectionView {
  return { ...viewDetection(detection, program), timing: 'early', withdrawn: facts.withdrawn.has(detection.id) };
}

export function viewDetection(detection: Detection, program: Program, facts: RunFacts | null = null): DetectionView {
  const operator = program.operators[detection.operator];
  return {
    rule: detection.rule,
    at_ms: detection.decided_at - test_start_ms,
    key: detection.key,
    columns: operator.outputs.map(({ name, type }, i) => ({ name, type, value: detection.values[i] ?? null })),
    severity: detection.severity,
    suppressed: detection.suppressed_by !== null,
    suppressed_by: suppressorOf(detection, facts),
    revision: Math.max(detection.revision, facts?.revisions.get(placeOf(detection)) ?? 1),
    ...{ follows: detection.revision > 1, timing: 'final', withdrawn: false },
    status: detection.status,
    evidence_total: detection.evidence_total,
  };
}

function placeOf({ id, revision }: Detection): string {
  return `${id} ${revision}`;
}

function suppressorOf({ suppressed_by }: Detection, facts: RunFacts | null): string | number | null {
  if (suppressed_by === null) return null;
  if (suppressed_by.startsWith('exception:')) return suppressed_by.slice('exception:'.length);
  const decided_at = facts?.decided.get(suppressed_by);
  return decided_at === undefined ? null : decided_at - test_start_ms;
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
