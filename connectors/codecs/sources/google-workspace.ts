import type { JsonObject, JsonValue } from '../../../engine/index.ts';
import type { Mapping } from '../mapping/mapping.ts';

const challenge = ['login_challenge', 'login_verification'];
const outcome = 'parameters.login_challenge_status';

const valueKeys = [
  'value',
  'intValue',
  'boolValue',
  'multiValue',
  'multiIntValue',
  'messageValue',
  'multiMessageValue',
];

/** [{name: 'USER_EMAIL', value: 'a@b'}] as {USER_EMAIL: 'a@b'}; the list itself where it does not have that form. */
function parametersOf(list: JsonValue): JsonValue {
  if (!Array.isArray(list)) return list;
  const parameters: JsonObject = new Map();
  for (const item of list) {
    const name = item instanceof Map ? item.get('name') : undefined;
    if (!(item instanceof Map) || typeof name !== 'string' || parameters.has(name)) return list;
    const key = valueKeys.find((key) => item.has(key));
    parameters.set(name, key === undefined ? null : (item.get(key) as JsonValue));
  }
  return parameters;
}

/** An activity holds several events: a record for each, with the activity's own fields and parameters by name. */
function eventsOf(activity: JsonObject): JsonValue[] {
  const events = activity.get('events');
  if (!Array.isArray(events)) return [activity];
  const common = [...activity].filter(([key]) => key !== 'events');
  return events.map((own, i) => {
    if (!(own instanceof Map)) return own;
    const number: [string, JsonValue][] = events.length === 1 ? [] : [['event_number', i + 1]];
    const parameters = own.get('parameters');
    const named: [string, JsonValue][] = parameters === undefined ? [] : [['parameters', parametersOf(parameters)]];
    return new Map([...common, ...own, ...named, ...number]);
  });
}

/**
 * Activities of the Reports API (admin, login, token, drive, ...), whole with their `events`, or as exports flatten them:
 * https://developers.google.com/workspace/admin/reports/v1/reference/activities and its appendix of event names.
 */
export const googleWorkspace: Mapping = {
  name: 'google_workspace',
  summary: "Google Workspace's activities (Reports API), one JSON activity a line",
  platform: 'google',
  split: eventsOf,
  event_name: ['name'],
  timestamp: ['id.time'],
  event_id: (raw) => {
    const [id, number] = [raw.text('id.uniqueQualifier'), raw.text('event_number')];
    return id === null || number === null ? id : `${id}:${number}`;
  },
  account_id: [
    'parameters.USER_EMAIL',
    'parameters.affected_email_address',
    'actor.email',
    'actor.profileId',
    'actor.key',
  ],
  actor_id: ['actor.email', 'actor.profileId', 'actor.key'],
  actor_ip: ['ipAddress'],
  meanings: [
    { names: ['login_success'], event_type: 'login', auth: { result: 'success' } },
    {
      names: ['login_failure'],
      where: { 'parameters.login_failure_type': 'login_failure_invalid_password' },
      event_type: 'login',
      auth: { result: 'fail', failure: 'wrong_password' },
    },
    {
      names: ['login_failure'],
      where: { 'parameters.login_failure_type': /_(?:account_disabled|access_code_disallowed)$/ },
      event_type: 'login',
      auth: { result: 'denied' },
    },
    { names: ['login_failure'], event_type: 'login', auth: { result: 'fail' } },
    { names: challenge, where: { [outcome]: /passed/i }, event_type: 'mfa_challenge', auth: { result: 'success' } },
    { names: challenge, where: { [outcome]: /failed/i }, event_type: 'mfa_challenge', auth: { result: 'fail' } },
    { names: challenge, event_type: 'mfa_challenge' },
    { names: ['logout'], event_type: 'logout' },
    { names: ['2sv_disable', 'TURN_OFF_2_STEP_VERIFICATION'], event_type: 'mfa_disabled' },
    { names: ['2sv_enroll'], event_type: 'mfa_changed' },
    { names: ['password_edit'], event_type: 'account_changed', change: { field: 'password' } },
    { names: ['recovery_email_edit'], event_type: 'account_changed', change: { field: 'recovery_email' } },
    { names: ['recovery_phone_edit'], event_type: 'account_changed', change: { field: 'recovery_phone' } },
    { names: ['email_forwarding_out_of_domain'], event_type: 'mailbox_rule_changed' },
    { names: ['CHANGE_PASSWORD'], event_type: 'password_reset' },
    { names: ['CREATE_USER'], event_type: 'account_created' },
    // Roles that are assigned in the admin console are all roles of administration.
    { names: ['ASSIGN_ROLE', 'GRANT_ADMIN_PRIVILEGE'], event_type: 'admin_role_granted' },
    { names: ['UNASSIGN_ROLE', 'REVOKE_ADMIN_PRIVILEGE'], event_type: 'role_revoked' },
    { names: ['authorize'], where: { 'id.applicationName': 'token' }, event_type: 'oauth_grant' },
    { names: ['download'], where: { 'id.applicationName': 'drive' }, event_type: 'file_download' },
  ],
};
