import type { Mapping } from '../mapping/mapping.ts';

const login = { event_type: 'login' };
const kind = ['sign_in_attempt'];

/** Sign-in attempts of the Events API: https://developer.1password.com/docs/events-api/reference/. */
export const onepassword: Mapping = {
  name: 'onepassword',
  summary: "1Password's sign-in attempts (Events API), one JSON event a line",
  platform: '1password',
  // Its categories are the outcomes of the one thing that this list holds; none of them is no such event.
  event_name: (raw) => (raw.text('category') === null ? null : 'sign_in_attempt'),
  timestamp: ['timestamp'],
  event_id: ['uuid'],
  account_id: ['target_user.email', 'target_user.uuid'],
  actor_id: ['target_user.email', 'target_user.uuid'],
  actor_ip: ['client.ip_address'],
  session_id: ['session_uuid'],
  country: ['country', 'location.country'],
  city: ['location.city'],
  latitude: 'location.latitude',
  longitude: 'location.longitude',
  meanings: [
    {
      ...login,
      names: kind,
      where: { category: ['success', 'firewall_reported_success'] },
      auth: { result: 'success' },
    },
    {
      ...login,
      names: kind,
      where: { category: 'credentials_failed', type: 'password_secret_bad' },
      auth: { result: 'fail', failure: 'wrong_password' },
    },
    // The password was right, and nobody answered.
    {
      names: kind,
      where: { category: 'mfa_failed', type: ['totp_timeout', 'u2f_timeout', 'duo_timeout', 'code_timeout'] },
      event_type: 'login',
      auth: { result: 'timeout' },
    },
    {
      ...login,
      names: kind,
      where: { category: ['credentials_failed', 'mfa_failed', 'sso_failed'] },
      auth: { result: 'fail' },
    },
    {
      ...login,
      names: kind,
      where: { category: ['firewall_failed', 'modern_version_failed', 'modern_version_required'] },
      auth: { result: 'denied' },
    },
  ],
};
