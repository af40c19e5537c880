import type { Mapping } from '../mapping/mapping.ts';
import { RawEvent } from '../mapping/raw-event.ts';

/** Okta writes 'unknown' where it has no login name. */
function loginName(raw: RawEvent, path: string): string | null {
  const name = raw.text(`${path}alternateId`);
  return name === null || name === 'unknown' ? (raw.text(`${path}id`) ?? name) : name;
}

const actor = (raw: RawEvent) => loginName(raw, 'actor.');

/** The user in target[]; Okta names the applications, factors and groups of the event there too. */
function target(raw: RawEvent): string | null {
  const user = raw.objects('target').find((item) => item.get('type') === 'User');
  if (user === undefined) return null;
  const part = new RawEvent(user);
  const name = loginName(part, '');
  return part.problem === null ? name : raw.fail(`target: ${part.problem}`);
}

const sessionStart = ['user.session.start'];
const factorAsked = ['user.authentication.auth_via_mfa'];
const privilegeGrant = ['user.account.privilege.grant'];
const succeeded = { 'outcome.result': 'SUCCESS' };
const granted = 'debugContext.debugData.privilegeGranted';

/** The System Log API: https://developer.okta.com/docs/reference/api/system-log/, and its catalogue of event types. */
export const okta: Mapping = {
  name: 'okta',
  summary: "Okta's System Log, one JSON event a line",
  platform: 'okta',
  // Exports through tables write names in lower case.
  event_name: ['eventType', 'eventtype'],
  timestamp: ['published'],
  event_id: ['uuid'],
  account_id: (raw) => target(raw) ?? actor(raw),
  actor_id: actor,
  actor_ip: ['client.ipAddress'],
  user_agent: ['client.userAgent.rawUserAgent'],
  session_id: ['authenticationContext.externalSessionId', 'authenticationcontext.externalSessionId'],
  city: ['client.geographicalContext.city'],
  latitude: 'client.geographicalContext.geolocation.lat',
  longitude: 'client.geographicalContext.geolocation.lon',
  meanings: [
    { names: sessionStart, where: succeeded, event_type: 'login', auth: { result: 'success' } },
    {
      names: sessionStart,
      where: { 'outcome.result': 'FAILURE', 'outcome.reason': 'LOCKED_OUT' },
      event_type: 'login',
      auth: { result: 'fail', failure: 'locked' },
    },
    { names: sessionStart, where: { 'outcome.result': 'FAILURE' }, event_type: 'login', auth: { result: 'fail' } },
    { names: sessionStart, where: { 'outcome.result': 'DENY' }, event_type: 'login', auth: { result: 'denied' } },
    { names: sessionStart, event_type: 'login' },
    { names: ['user.session.end'], event_type: 'logout' },
    { names: factorAsked, where: succeeded, event_type: 'mfa_challenge', auth: { result: 'success' } },
    {
      names: factorAsked,
      where: { 'outcome.result': 'FAILURE' },
      event_type: 'mfa_challenge',
      auth: { result: 'fail' },
    },
    { names: ['user.mfa.okta_verify.deny_push'], event_type: 'mfa_challenge', auth: { result: 'denied' } },
    { names: [...factorAsked, 'system.push.send_factor_verify_push'], event_type: 'mfa_challenge' },
    { names: ['system.mfa.factor.deactivate'], event_type: 'mfa_disabled' },
    // A user who resets the own factor enrols another one: no protection is lost, and Okta says so in the reason.
    {
      names: ['user.mfa.factor.deactivate'],
      where: { 'outcome.reason': /^User reset/ },
      event_type: 'mfa_changed',
    },
    { names: ['user.mfa.factor.deactivate'], event_type: 'mfa_disabled' },
    {
      names: ['user.mfa.factor.activate', 'user.mfa.factor.update', 'user.mfa.factor.suspend'],
      event_type: 'mfa_changed',
    },
    { names: ['user.mfa.factor.reset_all'], event_type: 'mfa_changed' },
    { names: ['user.account.reset_password'], event_type: 'password_reset' },
    {
      names: ['user.account.update_password'],
      where: succeeded,
      event_type: 'account_changed',
      change: { field: 'password' },
    },
    { names: ['user.account.privilege.revoke'], where: succeeded, event_type: 'role_revoked' },
    { names: ['user.lifecycle.create'], where: succeeded, event_type: 'account_created' },
    { names: ['system.api_token.create'], where: succeeded, event_type: 'api_key_created' },
    {
      names: privilegeGrant,
      where: { ...succeeded, [granted]: /administrator/i },
      event_type: 'admin_role_granted',
    },
    { names: privilegeGrant, where: succeeded, event_type: 'role_granted' },
  ],
};
