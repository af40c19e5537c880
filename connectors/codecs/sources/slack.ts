import type { Mapping } from '../mapping/mapping.ts';

const actor = ['actor.user.email', 'actor.user.id'];

/** Audit Logs API of Enterprise Grid: https://docs.slack.dev/reference/audit-logs-api/methods-actions-reference. */
export const slack: Mapping = {
  name: 'slack',
  summary: "Slack's audit logs, one JSON entry a line",
  platform: 'slack',
  event_name: ['action'],
  timestamp: ['date_create'],
  timestamp_unit: 'seconds',
  event_id: ['id'],
  account_id: ['entity.user.email', 'entity.user.id', ...actor],
  actor_id: actor,
  actor_ip: ['context.ip_address'],
  user_agent: ['context.ua'],
  session_id: ['context.session_id'],
  meanings: [
    { names: ['user_login'], event_type: 'login', auth: { result: 'success' } },
    { names: ['user_logout'], event_type: 'logout' },
    { names: ['pref.two_factor_auth_changed'], event_type: 'mfa_changed' },
    {
      names: ['owner_transferred', 'role_change_to_admin', 'role_change_to_owner'],
      event_type: 'admin_role_granted',
    },
    { names: ['permissions_assigned'], event_type: 'role_granted' },
    { names: ['permissions_removed'], event_type: 'role_revoked' },
    { names: ['role_change_to_user', 'role_change_to_guest'], event_type: 'role_changed' },
    { names: ['user_created', 'guest_created'], event_type: 'account_created' },
    { names: ['file_downloaded'], event_type: 'file_download' },
  ],
};
