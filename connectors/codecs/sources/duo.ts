import type { Mapping } from '../mapping/mapping.ts';

const authentication = ['authentication'];

/** Authentication (v2) and administrator logs of the Admin API: https://duo.com/docs/adminapi#logs. */
export const duo: Mapping = {
  name: 'duo',
  summary: "Duo's authentication and administrator logs, one JSON entry a line",
  platform: 'duo',
  event_name: ['event_type', 'action'],
  timestamp: ['isotimestamp', 'timestamp'],
  timestamp_unit: 'seconds',
  event_id: ['txid'],
  // An administrator's entry names what was acted on in `object`; often it is a user.
  account_id: ['user.name', 'user.key', 'object', 'username'],
  actor_id: ['user.name', 'user.key', 'username'],
  actor_ip: ['access_device.ip'],
  city: ['access_device.location.city'],
  meanings: [
    { names: authentication, where: { result: 'success' }, event_type: 'mfa_challenge', auth: { result: 'success' } },
    {
      names: authentication,
      where: { result: 'denied', reason: ['no_response', 'no_keys_pressed', 'call_timed_out'] },
      event_type: 'mfa_challenge',
      auth: { result: 'timeout' },
    },
    {
      names: authentication,
      where: { result: 'denied', reason: 'invalid_passcode' },
      event_type: 'mfa_challenge',
      auth: { result: 'fail' },
    },
    {
      names: authentication,
      where: { result: 'denied', reason: 'locked_out' },
      event_type: 'mfa_challenge',
      auth: { result: 'denied', failure: 'locked' },
    },
    {
      names: authentication,
      where: { result: ['denied', 'fraud'] },
      event_type: 'mfa_challenge',
      auth: { result: 'denied' },
    },
    { names: ['enrollment'], event_type: 'mfa_changed' },
    { names: ['admin_login'], event_type: 'login', auth: { result: 'success' } },
    { names: ['admin_login_error'], event_type: 'login', auth: { result: 'fail' } },
    { names: ['admin_create', 'user_create'], event_type: 'account_created' },
    { names: ['bypass_create', 'phone_disassociate'], event_type: 'mfa_changed' },
  ],
};
