import type { Mapping } from '../mapping/mapping.ts';

const adminRole = ['user_workspace_admin_role_changed'];

/** Audit log API: https://developers.asana.com/docs/audit-log-events. */
export const asana: Mapping = {
  name: 'asana',
  summary: "Asana's audit log, one JSON event a line",
  platform: 'asana',
  event_name: ['event_type'],
  timestamp: ['created_at'],
  event_id: ['gid'],
  account_id: (raw) =>
    (raw.text('resource.resource_type') === 'user' ? raw.first(['resource.email', 'resource.gid']) : null) ??
    raw.first(['actor.email', 'actor.gid', 'actor.name']),
  actor_id: ['actor.email', 'actor.gid', 'actor.name'],
  actor_ip: ['context.client_ip_address'],
  user_agent: ['context.user_agent'],
  meanings: [
    { names: ['user_login_succeeded'], event_type: 'login', auth: { result: 'success' } },
    { names: ['user_login_failed'], event_type: 'login', auth: { result: 'fail' } },
    { names: ['user_logged_out'], event_type: 'logout' },
    { names: ['user_password_reset'], event_type: 'password_reset' },
    { names: ['user_password_changed'], event_type: 'account_changed', change: { field: 'password' } },
    { names: ['user_two_factor_auth_disabled'], event_type: 'mfa_disabled' },
    { names: ['user_two_factor_auth_enabled'], event_type: 'mfa_changed' },
    // Who was an administrator before (super_admin, domain_admin) only changes the kind.
    {
      names: adminRole,
      where: { 'details.new_value': /admin/, 'details.old_value': /admin/ },
      event_type: 'role_changed',
    },
    { names: adminRole, where: { 'details.new_value': /admin/ }, event_type: 'admin_role_granted' },
    { names: adminRole, where: { 'details.old_value': /admin/ }, event_type: 'role_revoked' },
    { names: adminRole, event_type: 'role_changed' },
    { names: ['attachment_downloaded'], event_type: 'file_download' },
  ],
};
