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

/** What stays the same in each revision of a detection. */
type Named = Pick<Detection, 'operator' | 'rule' | 'plan_hash' | 'tenant' | 'key' | 'anchor' | 'id' | 'anchor_id'>;
/** What policy, RISK and a life say of it. */
type Told = Pick<Detection, 'suppressed_by' | 'risk' | 'revision' | 'status'>;

/** HOT. One literal: spreads would cost as much as all else. */
function detectionOf(named: Named, shown: Shown, decided_at: number, told: Told): Detection {
  return {
    operator: named.operator,
    rule: named.rule,
    plan_hash: named.plan_hash,
    id: named.id,
    anchor_id: named.anchor_id,
    tenant: named.tenant,
    key: named.key,
    anchor: named.anchor,
    window: shown.window,
    decided_at,
    first_event_at: shown.first_event_at,
    last_event_at: shown.last_event_at,
    values: shown.values,
    evidence: shown.evidence,
    evidence_total: shown.evidence_total,
    severity: shown.severity,
    suppressed_by: told.suppressed_by,
    risk: told.risk,
    revision: told.revision,
    status: told.status,
  };
}

const opened: Told = { suppressed_by: null, risk: null, revision: 1, status: 'open' };

/** The detection that an emission opens, before policy. */
export function toDetection(emission: Emission, names: DetectionNames): Detection {
  const { operator, spec, tenant, key, anchor } = emission;
  const { id, anchor_id } = names.ids(emission);
  const named = { operator, rule: spec.name, plan_hash: spec.plan_hash, tenant, key, anchor, id, anchor_id };
  return detectionOf(named, shownBy(emission, 'info'), emission.time, opened);
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

/** The next revision of a detection. `latest`: what it shows from now on, where that changed. */
export function revised(
  detection: Detection,
  latest: Shown | null,
  decided_at: number,
  status: Detection['status'],
): Detection {
  const { suppressed_by, risk, revision } = detection;
  const shown = latest ?? detection;
  const next = detectionOf(detection, shown, decided_at, { suppressed_by, risk, revision: revision + 1, status });
  return shown.lookups === undefined ? next : { ...next, lookups: shown.lookups };
}
