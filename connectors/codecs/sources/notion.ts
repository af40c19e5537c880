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
  ],
};
