/** Which alerts are asked for; what is null or absent does not matter. */
export interface AlertFilter {
  /** One tenant; null: of all. */
  readonly tenant: string | null;
  readonly rule?: string | undefined;
  readonly severity?: readonly string[] | undefined;
  /** `type:id`, or the id alone. */
  readonly entity?: string | undefined;
  readonly status?: string | undefined;
  /** Of decided_at: from the first, before the second. */
  readonly since_ms?: number | undefined;
  readonly until_ms?: number | undefined;
}

/**
 * Whether a detection record is asked for. Suppressed ones are told only to who asks for that status; those of rules in
 * MODE shadow to nobody.
 */
export function fitsFilter(record: Readonly<Record<string, unknown>>, filter: AlertFilter): boolean {
  const { rule, severity, status, tenant_id, entity, decided_at, provenance } = record;
  if (filter.tenant !== null && tenant_id !== filter.tenant) return false;
  if (filter.status === undefined ? status === 'suppressed' : status !== filter.status) return false;
  if ((provenance as { rule_mode?: unknown } | undefined)?.rule_mode === 'shadow') return false;
  if (filter.rule !== undefined && rule !== filter.rule) return false;
  if (filter.severity !== undefined && !filter.severity.includes(severity as string)) return false;
  if (filter.entity !== undefined && !isEntity(entity, filter.entity)) return false;
  if (filter.since_ms === undefined && filter.until_ms === undefined) return true;
  const time_ms = Date.parse(String(decided_at));
  return time_ms >= (filter.since_ms ?? -Infinity) && time_ms < (filter.until_ms ?? Infinity);
}

function isEntity(entity: unknown, asked: string): boolean {
  if (typeof entity !== 'object' || entity === null) return false;
  const { type, id } = entity as { type?: unknown; id?: unknown };
  return String(id) === asked || `${type}:${id}` === asked;
}
