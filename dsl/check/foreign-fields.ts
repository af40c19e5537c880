/** What other systems and schemas call a field of the normalised event, in small letters without `_`, `.` and `@`. */
const names: ReadonlyMap<string, string> = new Map([
  ...(
    ['user', 'acct', 'username', 'userid', 'userprincipalname', 'targetusername', 'account', 'accountname'] as const
  ).map((name) => [name, 'account_id'] as const),
  ...['targetuser', 'destuser', 'duser', 'suser', 'principal', 'identity'].map((name) => [name, 'account_id'] as const),
  ...['src', 'srcip', 'sourceip', 'sourceaddress', 'ipaddress', 'ip', 'clientip', 'remoteip', 'remoteaddr'].map(
    (name) => [name, 'actor.ip'] as const,
  ),
  ...['calleripaddress', 'callerip', 'sourceipaddress', 'cip'].map((name) => [name, 'actor.ip'] as const),
  ...['eventid', 'action', 'eventname', 'eventaction', 'operationname', 'operation', 'activity', 'type'].map(
    (name) => [name, 'event_type'] as const,
  ),
  ...['timegenerated', 'time', 'ts', 'eventtime', 'datetime', 'createdat', 'rowtime'].map(
    (name) => [name, 'timestamp'] as const,
  ),
  ...['useragent', 'httpuseragent', 'ua'].map((name) => [name, 'actor.user_agent'] as const),
  ...['outcome', 'status', 'resulttype', 'eventoutcome', 'success'].map((name) => [name, 'auth.result'] as const),
  ...['index', 'sourcetype', 'vendor', 'product', 'logsource', 'app', 'service'].map(
    (name) => [name, 'platform'] as const,
  ),
  ...['tenant', 'tenantid', 'customer', 'org', 'organization'].map((name) => [name, 'tenant_id'] as const),
]);

/** The field of events that a name of another system stands for; null: none is known. */
export function fieldMeantBy(written: string): string | null {
  return names.get(written.toLowerCase().replace(/[_.@]/g, '')) ?? null;
}
