import type { Mapping } from '../mapping/mapping.ts';

const actor = ['event.actor.person.email', 'event.actor.id'];

/** Audit log events as Notion sends them to a SIEM: https://www.notion.com/help/audit-log. */
export const notion: Mapping = {
  name: 'notion',
  summary: "Notion's audit log, one JSON event a line",
  platform: 'notion',
  event_name: ['event.type'],
  timestamp: ['event.timestamp'],
  event_id: ['event.id'],
  account_id: actor,
  actor_id: actor,
  actor_ip: ['event.ip_address'],
  meanings: [
    { names: ['user.login'], event_type: 'login', auth: { result: 'success' } },
    { names: ['user.logout'], event_type: 'logout' },
    {
      names: ['user.settings.login_method.email_updated', 'user.settings.email_updated'],
      event_type: 'account_changed',
      change: { field: 'email' },
    },
    {
      names: ['added', 'updated', 'removed'].map((what) => `user.settings.login_method.password_${what}`),
      event_type: 'account_changed',
      change: { field: 'password' },
    },
    {
      names: ['totp', 'backup_code'].map((what) => `user.settings.login_method.mfa_${what}_updated`),
      event_type: 'mfa_changed',
    },
  ],
};
