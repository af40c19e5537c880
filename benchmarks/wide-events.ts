import type { WorkloadEvent } from './workload.ts';

/**
 * The workload's events as a real source sends them: with what no rule reads but the door must judge (who acted, the
 * client, the device, details), the time as text. 373 bytes of JSON on average, as in the comparison that the goals come from.
 */
const agents: Readonly<Record<string, string>> = {
  web: 'Mozilla/5.0 (Windows NT)',
  ios: 'Mozilla/5.0 (iPhone)',
  android: 'okhttp/4.12',
  api: 'python-requests/2',
  desktop: 'Mozilla/5.0 (X11; Linux)',
};

/** The hex digits of 32 bits that numbers of accounts and events are spread over. */
function spread(value: number): string {
  return (Math.imul(value + 1, 2654435761) >>> 0).toString(16).padStart(8, '0');
}

/** The event as an object in the order of its JSON. Nothing is drawn: what is added follows from the event. */
export function wideEvent(event: WorkloadEvent): object {
  const account = Number(event.account_id.slice('acct_'.length));
  return {
    schema_version: 'v1',
    event_id: event.event_id,
    platform: event.platform,
    event_type: event.event_type,
    account_id: event.account_id,
    actor: { id: `u${account}`, ip: event.actor.ip, user_agent: agents[event.platform] },
    timestamp: new Date(event.timestamp).toISOString(),
    net: event.net,
    geo: event.geo,
    device: { id: spread(account) },
    auth: { method: 'sso', result: event.auth.result },
    details: { amount: (event.timestamp % 10_000) / 100 },
  };
}

export function* wideEvents(events: Iterable<WorkloadEvent>): Generator<object> {
  for (const event of events) yield wideEvent(event);
}

/** What the plain engine makes of such bytes: the fields that its rules read, so that it holds on to nothing else. */
export function plainEventOf(bytes: Uint8Array): WorkloadEvent {
  const read = JSON.parse((bytes as Buffer).toString()) as WorkloadEvent & { readonly timestamp: unknown };
  const { event_id, timestamp, platform, event_type, account_id, actor, net, geo, auth } = read;
  return {
    ...{ event_id, timestamp: Date.parse(timestamp as unknown as string), platform, event_type, account_id },
    ...{ actor: { ip: actor.ip }, net, geo, auth: { result: auth.result } },
  };
}
