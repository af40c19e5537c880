import type { ValueType } from './value.ts';

/** One declared field of an event. The door checks every declared field of every record, whichever rules are loaded. */
export interface EventField {
  /** The name rules use, its parts joined by dots: `actor.ip`. */
  readonly name: string;
  /** Where the value stands in the event. */
  readonly path: readonly string[];
  readonly type: Exclude<ValueType, 'null' | 'duration' | 'cidr'>;
  /** Other names: `result` for `auth.result`. Accepted in rules, and at the top level of an event. */
  readonly aliases: readonly string[];
  /** A record without this field (or with null in it) is rejected. */
  readonly required: boolean;
  /** One line for `weir explain --stream events` and the editor. */
  readonly summary: string;
}

/**
 * What a valid event is. Five fields are always there and are the door's own: `timestamp` (required), `event_id`,
 * `seq`, `tenant_id`, `received_at` (which no rule can read). `details` is the open part: unknown extra fields are kept
 * in it.
 */
export interface EventSchema {
  readonly name: string;
  readonly fields: readonly EventField[];
}

function field(name: string, type: EventField['type'], summary: string, extra: Partial<EventField> = {}): EventField {
  return { name, path: name.split('.'), type, aliases: [], required: false, summary, ...extra };
}

/** The normalised event, schema v1, which connectors and codecs bring every record into. The door's five fields are not repeated here. */
export const eventSchemaV1: EventSchema = {
  name: 'v1',
  fields: [
    field('schema_version', 'string', "version of this form, 'v1'"),
    field('platform', 'string', 'where it happened: github, google, okta, sshd, inhouse, ...', { required: true }),
    field('event_type', 'string', 'what happened: login, logout, password_reset, policy_flag, ...', { required: true }),
    field('account_id', 'string', 'the account acted on', { required: true }),
    field('actor.id', 'string', 'who acted, where known'),
    field('actor.ip', 'ip', 'the address it came from'),
    field('actor.user_agent', 'string', 'the client as it named itself'),
    field('net.asn', 'int', 'autonomous system number of the address'),
    field('net.as_org', 'string', 'organisation of the autonomous system'),
    field('net.type', 'string', 'mobile, isp, residential, hosting, vpn, proxy'),
    field('geo.country', 'string', 'ISO 3166 country of the address'),
    field('geo.city', 'string', 'city of the address'),
    field('geo.lat', 'float', 'latitude in degrees'),
    field('geo.lon', 'float', 'longitude in degrees'),
    field('device.id', 'string', 'device identifier'),
    field('device.fingerprint', 'string', 'device fingerprint'),
    field('auth.method', 'string', 'password, sso, oauth, passkey, push, totp, sms', { aliases: ['method'] }),
    field('auth.result', 'string', 'success, fail, denied, timeout', { aliases: ['result'] }),
    field('auth.failure', 'string', 'wrong_password, expired, throttled, unknown_user, locked', {
      aliases: ['failure'],
    }),
    field('report.reporter_id', 'string', 'who reported (policy_report)'),
    field('report.type', 'string', 'what is reported (policy_report)'),
    field('report.target_account', 'string', 'the account reported (policy_report)'),
    field('change.field', 'string', 'email, phone, username, ... (account_changed)'),
    field('change.from_hash', 'string', 'hash of the old value (account_changed)'),
    field('change.to_hash', 'string', 'hash of the new value (account_changed)'),
    field('session_id', 'string', 'the session it belongs to'),
  ],
};
