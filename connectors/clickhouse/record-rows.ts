import type { DetectionRecord, TableRecord } from '../../engine/index.ts';
import type { BatchRows } from './batch-rows.ts';
import { storeTime } from './event-row.ts';

const timeOf = (iso: string): string => storeTime(Date.parse(iso));
const timeOrNull = (iso: string | null | undefined): string | null => (iso ? timeOf(iso) : null);
/** Rows hold text that came from events: half a surrogate pair has no UTF-8. */
export const text = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value).toWellFormed();

/** A published detection as rows of alerts, alert_evidence and risk. `line` is the record as it was published. */
export function alertRows(source: string, record_offset: number, line: string, rows: BatchRows): void {
  const record = JSON.parse(line) as DetectionRecord;
  const { id, revision, timing, rule, tenant_id, evidence, risk, window, entity, provenance } = record;
  const place = { source, record_offset };
  const decided_at = timeOf(record.decided_at);
  const of = { revision, timing, rule: text(rule), tenant_id: text(tenant_id), decided_at };
  rows.push('alerts', {
    ...place,
    ...of,
    ...{ id, anchor_id: record.anchor_id, status: record.status, plan_hash: record.plan_hash },
    ...{ title: text(record.title), severity: record.severity, confidence: record.confidence, attack: record.attack },
    ...{ entity_type: text(entity?.type), entity_id: text(entity?.id) },
    ...{ key: JSON.stringify(record.key), values: JSON.stringify(record.values), reason: text(record.reason) },
    ...{ window_start: timeOrNull(window?.start), window_end: timeOrNull(window?.end) },
    ...{ first_event_at: timeOf(record.first_event_at), last_event_at: timeOf(record.last_event_at) },
    detected_at: timeOrNull(record.detected_at),
    evidence_total: evidence.total,
    risk_score: risk?.score ?? null,
    ...{ suppressed_by: text(record.suppressed_by), superseded_by: text(record.superseded_by) },
    ...{ mode: text(provenance.mode), rule_mode: text(provenance.rule_mode) },
    record: line,
  });
  evidence.ids.forEach((event_id, ordinal) => {
    rows.push('alert_evidence', { ...place, ...of, alert_id: id, ordinal, event_id: text(event_id) });
  });
  if (risk === null || risk === undefined) return;
  const who = { entity_type: text(risk.entity?.type), entity_id: text(risk.entity?.id) };
  rows.push('risk', { ...place, ...of, alert_id: id, ...who, added: risk.added, score: risk.score });
}

/** A row of a table of the rules (CREATE TABLE). */
export function aggregateRows(source: string, record_offset: number, line: string, rows: BatchRows): void {
  const { id, table, plan_hash, tenant_id, key, window, rows: count, values } = JSON.parse(line) as TableRecord;
  rows.push('aggregates', {
    ...{ source, record_offset, id, name: text(table), plan_hash, tenant_id: text(tenant_id) },
    ...{ key: JSON.stringify(key), window_start: timeOf(window.start), window_end: timeOf(window.end) },
    ...{ rows: count, values: JSON.stringify(values) },
  });
}

/** An entry of the audit file; a line that a crash cut short is none. */
export function auditRows(source: string, record_offset: number, line: string, rows: BatchRows): void {
  let entry: Readonly<Record<string, unknown>>;
  try {
    entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return;
  }
  const { id, name } = (entry.who ?? {}) as { id?: unknown; name?: unknown };
  rows.push('audit', {
    ...{ source, record_offset, at: timeOf(String(entry.at)), who_id: text(id), who_name: text(name) },
    ...{ from: text(entry.from), action: text(entry.action), target: text(entry.target), outcome: text(entry.outcome) },
    details: entry.details === undefined ? '' : JSON.stringify(entry.details),
  });
}
