import type { Mapping } from '../mapping/mapping.ts';

const user = ['data.user_name', 'data.user_id', 'data.client_id'];

/** Log streams: https://auth0.com/docs/customize/log-streams, and the codes at .../deploy-monitor/logs/log-event-type-codes. */
export const auth0: Mapping = {
  name: 'auth0',
  summary: "Auth0's log stream, one JSON event a line",
  platform: 'auth0',
  event_name: ['data.type'],
  timestamp: ['data.date'],
  event_id: ['log_id', 'data.log_id'],
  account_id: user,
  actor_id: user,
  actor_ip: ['data.ip'],
  user_agent: ['data.user_agent'],
  country: ['data.location_info.country_code'],
  city: ['data.location_info.city_name'],
  latitude: 'data.location_info.latitude',
  longitude: 'data.location_info.longitude',
  meanings: [
    { names: ['s'], event_type: 'login', auth: { result: 'success' } },
    { names: ['fp'], event_type: 'login', auth: { result: 'fail', failure: 'wrong_password' } },
    { names: ['fu'], event_type: 'login', auth: { result: 'fail', failure: 'unknown_user' } },
    // Silent authentication ('ssa', 'fsa') is a page that asks whether there is a session, no login of anybody.
    { names: ['f', 'fcoa'], event_type: 'login', auth: { result: 'fail' } },
    // Too many tries: the account, or the address, is blocked.
    {
      names: ['limit_wc', 'limit_mu', 'limit_sul'],
      event_type: 'login',
      auth: { result: 'denied', failure: 'throttled' },
    },
    // A password that is known to have leaked: the login is refused.
    { names: ['pwd_leak'], event_type: 'login', auth: { result: 'denied' } },
    { names: ['slo'], event_type: 'logout' },
    { names: ['ss'], event_type: 'account_created' },
    { names: ['scp'], event_type: 'account_changed', change: { field: 'password' } },
    { names: ['sce'], event_type: 'account_changed', change: { field: 'email' } },
    { names: ['scpr'], event_type: 'password_reset' },
    { names: ['gd_start_auth'], event_type: 'mfa_challenge' },
    { names: ['mfar'], event_type: 'mfa_challenge' },
    { names: ['gd_auth_succeed', 'gd_recovery_succeed'], event_type: 'mfa_challenge', auth: { result: 'success' } },
    { names: ['gd_auth_failed', 'gd_recovery_failed'], event_type: 'mfa_challenge', auth: { result: 'fail' } },
    { names: ['gd_auth_rejected'], event_type: 'mfa_challenge', auth: { result: 'denied' } },
    { names: ['gd_enrollment_complete'], event_type: 'mfa_changed' },
    { names: ['gd_unenroll'], event_type: 'mfa_disabled' },
  ],
};
