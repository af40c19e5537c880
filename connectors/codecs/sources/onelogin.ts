import type { Mapping } from '../mapping/mapping.ts';

const privilege = ['72'];

/** Events API: https://developers.onelogin.com/api-docs/2/events/event-resource, which lists the numbers of the types. */
export const onelogin: Mapping = {
  name: 'onelogin',
  summary: "OneLogin's events, one JSON event a line",
  platform: 'onelogin',
  event_name: ['event_type_id'],
  // Webhooks, a list of events, have event_timestamp and uuid.
  timestamp: ['created_at', 'event_timestamp'],
  event_id: ['id', 'uuid'],
  account_id: ['user_id', 'user_name', 'actor_user_id', 'actor_user_name', 'actor_system'],
  actor_id: ['actor_user_id', 'actor_user_name', 'actor_system'],
  actor_ip: ['ipaddr'],
  meanings: [
    { names: ['5'], event_type: 'login', auth: { result: 'success' } },
    { names: ['6'], event_type: 'login', auth: { result: 'fail' } },
    { names: ['7'], event_type: 'logout' },
    { names: ['11'], event_type: 'account_changed', change: { field: 'password' } },
    { names: ['13'], event_type: 'account_created' },
    { names: ['24', '172'], event_type: 'mfa_disabled' },
    { names: privilege, where: { privilege_name: 'Super user' }, event_type: 'admin_role_granted' },
    { names: privilege, event_type: 'role_granted' },
  ],
};
