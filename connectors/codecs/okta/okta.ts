import { isIP } from 'node:net';
import { type Codec, type CodecResult, type JsonObject, parseJson, parseTimestamp } from '../../../engine/index.ts';
import { RawEvent, toPlain } from './raw-event.ts';

const results: ReadonlyMap<string, string> = new Map([
  ['SUCCESS', 'success'],
  ['FAILURE', 'fail'],
  ['DENY', 'denied'],
]);

/** A user who resets the own factor is no loss of protection; Okta says so in the reason. */
function isMfaDisabled(name: string, reason: string | null): boolean {
  if (name === 'system.mfa.factor.deactivate') return true;
  return name === 'user.mfa.factor.deactivate' && !(reason ?? '').startsWith('User reset');
}

function eventType(name: string, reason: string | null): string {
  if (name === 'user.session.start') return 'login';
  return isMfaDisabled(name, reason) ? 'mfa_disabled' : `okta.${name}`;
}

function normalise(root: JsonObject): CodecResult {
  const raw = new RawEvent(root);
  // Exports through tables write names in lower case.
  const name = raw.text('eventType') ?? raw.text('eventtype');
  const published = raw.text('published');
  const account = raw.text('actor.alternateId') ?? raw.text('actor.id');
  const reason = raw.text('outcome.reason');
  const result = results.get(raw.text('outcome.result') ?? '');
  const ip = raw.text('client.ipAddress');
  const user_agent = raw.text('client.userAgent.rawUserAgent');
  const id = raw.text('uuid');
  const actor_id = raw.text('actor.id');
  if (raw.problem !== null) return { kind: 'rejected', message: raw.problem };
  if (name === null) return { kind: 'rejected', message: 'eventType is missing' };
  if (published === null) return { kind: 'rejected', message: 'published is missing' };
  const timestamp = parseTimestamp(published);
  if (timestamp === null) return { kind: 'rejected', message: 'published is no ISO 8601 time with a zone' };
  if (account === null) return { kind: 'rejected', message: 'actor names no account (alternateId or id)' };
  const event = {
    ...{ schema_version: 'v1', timestamp, platform: 'okta', event_type: eventType(name, reason), account_id: account },
    ...(id === null ? {} : { event_id: `okta:${id}` }),
    actor: {
      ...(actor_id === null ? {} : { id: actor_id }),
      ...(ip === null || isIP(ip) === 0 ? {} : { ip }),
      ...(user_agent === null ? {} : { user_agent }),
    },
    ...(result === undefined ? {} : { auth: { result } }),
    details: toPlain(root),
  };
  return { kind: 'events', events: [event] };
}

/** Okta's System Log, one JSON object a line, as normalised events of platform 'okta' (README.md has the table). */
export function oktaCodec(): Codec {
  return {
    name: 'okta',
    summary: "Okta's System Log, one JSON event a line",
    decode(line) {
      if (line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)) {
        return { kind: 'skipped', reason: 'blank line' };
      }
      const { value, rejection } = parseJson(line);
      if (rejection !== null) return { kind: 'rejected', message: rejection.message };
      if (!(value instanceof Map)) return { kind: 'rejected', message: 'the line is no JSON object' };
      return normalise(value);
    },
  };
}
