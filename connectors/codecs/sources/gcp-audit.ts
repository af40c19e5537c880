import type { JsonObject, JsonValue } from '../../../engine/index.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { RawEvent } from '../mapping/raw-event.ts';

function child(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return value instanceof Map ? value.get(key) : undefined;
}

/** A change of a policy names each binding that it adds or removes: a record for each, which stands in `delta`. */
function changesOf(entry: JsonObject): JsonObject[] {
  const deltas = child(child(child(entry.get('protoPayload'), 'serviceData'), 'policyDelta'), 'bindingDeltas');
  if (!Array.isArray(deltas) || deltas.length === 0) return [entry];
  return deltas.map((delta, i) => new Map([...entry, ['delta', delta], ['delta_number', i + 1]]));
}

const caller = (raw: RawEvent) => raw.text('protoPayload.authenticationInfo.principalEmail');

/** 'user:ann@example.com' and 'serviceAccount:...' are accounts as callers are named; 'group:...' stays as it is. */
const member = (raw: RawEvent) => raw.text('delta.member')?.replace(/^(?:user|serviceAccount):/, '') ?? null;

/** Cloud Audit Logs: https://cloud.google.com/logging/docs/audit/understanding-audit-logs, LogEntry with an AuditLog. */
export const gcpAudit: Mapping = {
  name: 'gcp_audit',
  summary: "Google Cloud's audit logs, one JSON LogEntry a line",
  platform: 'gcp',
  split: changesOf,
  event_name: ['protoPayload.methodName'],
  timestamp: ['timestamp', 'receiveTimestamp'],
  event_id: (raw) => {
    const [id, number] = [raw.text('insertId'), raw.text('delta_number')];
    return id === null || number === null ? id : `${id}:${number}`;
  },
  account_id: (raw) => member(raw) ?? caller(raw) ?? raw.text('protoPayload.authenticationInfo.principalSubject'),
  actor_id: caller,
  actor_ip: ['protoPayload.requestMetadata.callerIp', 'protoPayload.requestMetadata.callerIP'],
  user_agent: ['protoPayload.requestMetadata.callerSuppliedUserAgent'],
  meanings: [
    {
      where: { 'delta.action': 'ADD', 'delta.role': /^roles\/owner$|admin$/i },
      event_type: 'admin_role_granted',
    },
    { where: { 'delta.action': 'ADD' }, event_type: 'role_granted' },
    { where: { 'delta.action': 'REMOVE' }, event_type: 'role_revoked' },
    { names: ['google.iam.admin.v1.CreateServiceAccount'], event_type: 'account_created' },
    { names: ['google.iam.admin.v1.CreateServiceAccountKey'], event_type: 'api_key_created' },
  ],
};
