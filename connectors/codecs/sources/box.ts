import type { Mapping } from '../mapping/mapping.ts';

const creator = ['created_by.login', 'created_by.id'];

/** Enterprise events: https://developer.box.com/guides/events/enterprise-events/for-enterprise/ and its list of types. */
export const box: Mapping = {
  name: 'box',
  summary: "Box's enterprise events, one JSON event a line",
  platform: 'box',
  event_name: ['event_type'],
  timestamp: ['created_at'],
  event_id: ['event_id'],
  // source is what was acted on: a user, or a file or folder, which is no account.
  account_id: (raw) => (raw.text('source.type') === 'user' ? raw.text('source.login') : null) ?? raw.first(creator),
  actor_id: creator,
  actor_ip: ['ip_address'],
  session_id: ['session_id'],
  meanings: [
    { names: ['LOGIN'], event_type: 'login', auth: { result: 'success' } },
    { names: ['FAILED_LOGIN'], event_type: 'login', auth: { result: 'fail' } },
    { names: ['NEW_USER'], event_type: 'account_created' },
    { names: ['DOWNLOAD'], event_type: 'file_download' },
    { names: ['MULTI_FACTOR_AUTH_ENABLE'], event_type: 'mfa_changed' },
    { names: ['MULTI_FACTOR_AUTH_DISABLE'], event_type: 'mfa_disabled' },
    { names: ['CHANGE_ADMIN_ROLE'], event_type: 'role_changed' },
    { names: ['EMAIL_ALIAS_CONFIRM'], event_type: 'account_changed', change: { field: 'email' } },
    { names: ['EDIT', 'UPLOAD'], event_type: 'content_edited' },
    { names: ['DELETE'], event_type: 'content_removed' },
  ],
};
