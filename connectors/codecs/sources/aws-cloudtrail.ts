import type { JsonObject, JsonValue } from '../../../engine/index.ts';
import type { Mapping, Meaning } from '../mapping/mapping.ts';
import type { RawEvent } from '../mapping/raw-event.ts';

const console = ['ConsoleLogin'];
const signIn = 'responseElements.ConsoleLogin';
/** What the root user does to its own account is told by the sign-in service. */
function byRoot(name: string, event_type: string, field?: string): Meaning {
  const where = { eventSource: 'signin.amazonaws.com', [`responseElements.${name}`]: 'Success' };
  return { names: [name], where, event_type, ...(field === undefined ? {} : { change: { field } }) };
}

const iam = { eventSource: 'iam.amazonaws.com', errorCode: null };

/** The name without its ARN: a failed sign-in has no ARN, and both must be one account to a rule. */
const caller = (raw: RawEvent) =>
  raw.first(['userIdentity.userName', 'userIdentity.arn', 'userIdentity.principalId', 'userIdentity.invokedBy']) ??
  raw.first(['userIdentity.accountId', 'userIdentity.type']);

/** A file of CloudTrail is {"Records": [...]}; streams deliver the records alone. */
function recordsOf(root: JsonObject): JsonValue[] {
  const records = root.get('Records');
  return Array.isArray(records) ? records : [root];
}

/** Record contents: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html. */
export const awsCloudtrail: Mapping = {
  name: 'aws_cloudtrail',
  summary: 'AWS CloudTrail, one JSON record a line (or a list of Records)',
  platform: 'aws',
  split: recordsOf,
  list_key: 'Records',
  event_name: ['eventName'],
  timestamp: ['eventTime'],
  event_id: ['eventID'],
  // A call to IAM names the user that it is about.
  account_id: (raw) =>
    (raw.text('eventSource') === 'iam.amazonaws.com' ? raw.text('requestParameters.userName') : null) ?? caller(raw),
  actor_id: caller,
  actor_ip: ['sourceIPAddress'],
  user_agent: ['userAgent'],
  meanings: [
    { names: console, where: { [signIn]: 'Success' }, event_type: 'login', auth: { result: 'success' } },
    // AWS hides what was typed where there is no such user: all of them are one account here.
    {
      names: console,
      where: { [signIn]: 'Failure', 'userIdentity.userName': 'HIDDEN_DUE_TO_SECURITY_REASONS' },
      event_type: 'login',
      auth: { result: 'fail', failure: 'unknown_user' },
    },
    { names: console, where: { [signIn]: 'Failure' }, event_type: 'login', auth: { result: 'fail' } },
    ...['PasswordRecoveryRequested', 'PasswordRecoveryCompleted'].map((name) => byRoot(name, 'password_reset')),
    byRoot('PasswordUpdated', 'account_changed', 'password'),
    byRoot('EmailUpdated', 'account_changed', 'email'),
    { names: ['DeactivateMFADevice', 'DeleteVirtualMFADevice'], where: iam, event_type: 'mfa_disabled' },
    { names: ['EnableMFADevice', 'ResyncMFADevice'], where: iam, event_type: 'mfa_changed' },
    { names: ['CreateUser'], where: iam, event_type: 'account_created' },
    { names: ['CreateAccessKey'], where: iam, event_type: 'api_key_created' },
    { names: ['ChangePassword'], where: iam, event_type: 'account_changed', change: { field: 'password' } },
    { names: ['UpdateLoginProfile'], where: iam, event_type: 'password_reset' },
    {
      names: ['AttachUserPolicy'],
      where: { ...iam, 'requestParameters.policyArn': /:policy\/(?:AdministratorAccess|IAMFullAccess)$/ },
      event_type: 'admin_role_granted',
    },
    { names: ['AttachUserPolicy', 'AddUserToGroup'], where: iam, event_type: 'role_granted' },
    { names: ['DetachUserPolicy', 'RemoveUserFromGroup'], where: iam, event_type: 'role_revoked' },
  ],
};
