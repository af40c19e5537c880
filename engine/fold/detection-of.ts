import type { Detection } from '../detection.ts';
import type { DetectionNames } from '../detections/id.ts';
import { severities, severityRank } from '../detections/severity.ts';
import type { Decided, LifeSpec, Severity } from '../program.ts';
import type { Emission } from './emission.ts';
import type { Shown } from './open-detection.ts';

/** A row of a silent key's window, which a view or a table makes, rests on no event. */
function evidenceOf({ evidence, spec }: Emission): readonly string[] {
  return spec.input !== 0 && evidence.includes('') ? evidence.filter((id) => id !== '') : evidence;
}

/** The severity of what the emission shows, and never less than before. */
function severityOf({ spec, tenant, time, key, values }: Emission, before: Severity): Severity {
  const now = spec.severity?.({ tenant, decided_at: time, key, values }) ?? spec.metadata.severity;
  return severityRank(now) > severityRank(before) ? now : before;
}

/** The rank of the greatest severity whose ESCALATE is true; -1: none is. */
export function escalatedRank({ escalations }: LifeSpec, decided: Decided): number {
  let rank = -1;
  for (const { when, severity } of escalations) {
    if (severityRank(severity) > rank && when(decided) === true) rank = severityRank(severity);
  }
  return rank;
}

/** The detection with at least the severity of this rank. */
export function risenTo(detection: Detection, rank: number): Detection {
  return rank <= severityRank(detection.severity) ? detection : { ...detection, severity: severities[rank] };
}

/** The detection that an emission opens, before policy. HOT: a spread amid a literal would cost as much as the rest. */
export function toDetection(emission: Emission, names: DetectionNames): Detection {
  const { spec, tenant, key, anchor, window, time, first_event_at, last_event_at, values, evidence_total } = emission;
  const { id, anchor_id } = names.ids(emission);
  return {
    operator: emission.operator,
    rule: spec.name,
    plan_hash: spec.plan_hash,
    id,
    anchor_id,
    tenant,
    key,
    anchor,
    window,
    decided_at: time,
    first_event_at,
    last_event_at,
    values,
    evidence: evidenceOf(emission),
    evidence_total,
    severity: severityOf(emission, 'info'),
    suppressed_by: null,
    risk: null,
    revision: 1,
    status: 'open',
  };
}

/** What an event of a run shows, of no less severity than before. */
export function shownBy(emission: Emission, before: Severity): Shown {
  const { window, time, first_event_at, last_event_at, values, evidence_total } = emission;
  return {
    window,
    decided_at: time,
    first_event_at,
    last_event_at,
    values,
    evidence: evidenceOf(emission),
    evidence_total,
    severity: severityOf(emission, before),
  };
}

/** The next revision of a detection. `shown`: what it shows from now on, where that changed. */
export function revised(
  detection: Detection,
  shown: Shown | null,
  decided_at: number,
  status: Detection['status'],
): Detection {
  const { operator, rule, plan_hash, id, anchor_id, tenant, key, anchor, suppressed_by, risk, revision } = detection;
  const { window, first_event_at, last_event_at, values, evidence, evidence_total, severity, lookups } =
    shown ?? detection;
  const next: Detection = {
    operator,
    rule,
    plan_hash,
    id,
    anchor_id,
    tenant,
    key,
    anchor,
    window,
    decided_at,
    first_event_at,
    last_event_at,
    values,
    evidence,
    evidence_total,
    severity,
    suppressed_by,
    risk,
    revision: revision + 1,
    status,
  };
  return lookups === undefined ? next : { ...next, lookups };
}
