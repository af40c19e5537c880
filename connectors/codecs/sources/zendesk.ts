import type { Mapping } from '../mapping/mapping.ts';

const settings = ['account_setting.create', 'account_setting.update'];
const twoFactor = /two.?factor/i;

/** Audit logs: https://developer.zendesk.com/api-reference/ticketing/account-configuration/audit_logs/. */
export const zendesk: Mapping = {
  name: 'zendesk',
  summary: "Zendesk's audit logs, one JSON entry a line",
  platform: 'zendesk',
  // What was done, and to what sort of thing: 'user.update'.
  event_name: (raw) => {
    const [type, action] = [raw.text('source_type'), raw.text('action')];
    return type === null || action === null ? null : `${type}.${action}`;
  },
  timestamp: ['created_at'],
  event_id: ['id'],
  account_id: (raw) =>
    raw.text('source_type') === 'user' ? raw.first(['source_id', 'actor_id']) : raw.text('actor_id'),
  actor_id: ['actor_id'],
  actor_ip: ['ip_address'],
  meanings: [
    { names: ['user.login'], event_type: 'login', auth: { result: 'success' } },
    { names: ['user.create'], event_type: 'account_created' },
    // 'Role changed from End User to Administrator', 'Support role changed from not set to Admin'; a line for each role.
    {
      names: ['user.update', 'user.create'],
      where: { change_description: /\brole changed from [^\n]{0,80} to admin(?:istrator)?$/im },
      event_type: 'admin_role_granted',
    },
    { names: ['user.update'], where: { change_description: /\brole changed from/i }, event_type: 'role_changed' },
    {
      names: settings,
      where: { source_label: twoFactor, change_description: 'Disabled' },
      event_type: 'mfa_disabled',
    },
    { names: settings, where: { source_label: twoFactor }, event_type: 'mfa_changed' },
  ],
};
