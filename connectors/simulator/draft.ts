import type { Device } from './world/clients.ts';
import type { Network } from './world/networks.ts';
import type { Place } from './world/places.ts';

/** From where an event comes: an address in a network, as the enrichment of a platform sees it. */
export interface Origin {
  readonly ip: string;
  readonly network: Network;
  readonly place: Pick<Place, 'city' | 'country' | 'lat' | 'lon'>;
  readonly device: Device;
  /** What it is beside usual: 'vpn', 'traveller', ...; goes to the ground truth only. */
  readonly kind: string;
}

export interface AccountName {
  readonly tenant_id: string;
  readonly platform: string;
  readonly account_id: string;
}

/** The parts of an event that only some types have. */
export interface EventParts {
  readonly auth?: { readonly method?: string; readonly result: string; readonly failure?: string };
  readonly report?: { readonly reporter_id: string; readonly type: string; readonly target_account: string };
  readonly change?: { readonly field: string; readonly from_hash: string; readonly to_hash: string };
  readonly session_id?: string;
  readonly actor_id?: string;
  readonly details?: object;
}

/** An event before it has its id, with what is true of it: the attack that it belongs to, or none. */
export interface Draft extends EventParts {
  readonly time_ms: number;
  readonly event_type: string;
  readonly account: AccountName;
  /** null: the platform itself did it. */
  readonly origin: Origin | null;
  readonly attack: string | null;
  readonly kind: string;
}

/** What a scenario or the background says beside the event. */
export interface Mark {
  readonly attack: string | null;
  readonly kind: string;
}

/** One event; times are whole milliseconds. */
export function draft(
  time_ms: number,
  event_type: string,
  account: AccountName,
  origin: Origin | null,
  mark: Mark,
  parts: EventParts = {},
): Draft {
  return { time_ms: Math.floor(time_ms), event_type, account, origin, ...mark, ...parts };
}

/** The draft as a normalised event, its members in the order of the record's table. */
export function toEvent(from: Draft, event_id: string): object {
  const { account, origin, actor_id } = from;
  const by = actor_id === undefined ? {} : { id: actor_id };
  const event: Record<string, unknown> = {
    schema_version: 'v1',
    event_id,
    tenant_id: account.tenant_id,
    timestamp: new Date(from.time_ms).toISOString(),
    platform: account.platform,
    event_type: from.event_type,
    account_id: account.account_id,
  };
  if (origin !== null) {
    const { ip, network, place, device } = origin;
    event.actor = { ...by, ip, user_agent: device.user_agent };
    event.net = { asn: network.asn, as_org: network.as_org, type: network.type };
    event.geo = { country: place.country, city: place.city, lat: place.lat, lon: place.lon };
    event.device = { id: device.id, fingerprint: device.fingerprint };
  } else if (actor_id !== undefined) event.actor = by;
  if (from.auth !== undefined) event.auth = from.auth;
  if (from.report !== undefined) event.report = from.report;
  if (from.change !== undefined) event.change = from.change;
  if (from.session_id !== undefined) event.session_id = from.session_id;
  if (from.details !== undefined) event.details = from.details;
  return event;
}
