import type { Mapping, Meaning } from '../mapping/mapping.ts';
import { RawEvent } from '../mapping/raw-event.ts';

const signIn = ['Sign-in activity'];
const code = 'properties.status.errorCode';

/** Error codes of AADSTS: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. */
const failures: readonly Meaning[] = [
  ['50126', 'wrong_password'],
  ['50034', 'unknown_user'],
  ['50053', 'locked'],
  ['50055', 'expired'],
  ['50144', 'expired'],
].map(([number, failure]) => ({
  names: signIn,
  where: { [code]: number as string },
  event_type: 'login',
  auth: { result: 'fail', failure: failure as string },
}));

const caller = [
  ...['properties.userPrincipalName', 'properties.servicePrincipalName', 'properties.userId'],
  ...['properties.initiatedBy.user.userPrincipalName', 'properties.initiatedBy.app.displayName'],
];

/** The user among the resources that an entry of the audit log is about. */
function target(raw: RawEvent): string | null {
  const user = raw.objects('properties.targetResources').find((item) => item.get('type') === 'User');
  if (user === undefined) return null;
  const part = new RawEvent(user);
  const name = part.first(['userPrincipalName', 'id']);
  return part.problem === null ? name : raw.fail(`properties.targetResources: ${part.problem}`);
}

/**
 * Sign-in and audit logs as Azure Monitor writes them (diagnostic settings):
 * https://learn.microsoft.com/entra/identity/monitoring-health/concept-sign-in-log-activity-details.
 */
export const entraId: Mapping = {
  name: 'entra_id',
  summary: "Microsoft Entra ID's sign-in and audit logs (Azure Monitor), one JSON record a line",
  platform: 'entra',
  // As Event Hubs deliver them: {"records": [...]}.
  list_key: 'records',
  // Exports through tables write names in lower case.
  event_name: ['operationName', 'operationname'],
  timestamp: ['time'],
  event_id: ['properties.id'],
  account_id: (raw) => target(raw) ?? raw.first(caller),
  actor_id: caller,
  actor_ip: ['properties.ipAddress', 'callerIpAddress', 'calleripaddress'],
  user_agent: ['properties.userAgent'],
  session_id: ['properties.sessionId'],
  country: ['properties.location.countryOrRegion'],
  city: ['properties.location.city'],
  latitude: 'properties.location.geoCoordinates.latitude',
  longitude: 'properties.location.geoCoordinates.longitude',
  meanings: [
    { names: signIn, where: { [code]: '0' }, event_type: 'login', auth: { result: 'success' } },
    // Nothing is wrong yet: Entra asks for a second factor, or for one to be enrolled.
    { names: signIn, where: { [code]: ['50072', '50074', '50076', '50079', '50158'] }, event_type: 'mfa_challenge' },
    { names: signIn, where: { [code]: '500121' }, event_type: 'mfa_challenge', auth: { result: 'fail' } },
    // Conditional Access said no, or the account is disabled or has no right to the application.
    {
      names: signIn,
      where: { [code]: ['53000', '53001', '53002', '53003', '53004', '530032', '50057', '50105'] },
      event_type: 'login',
      auth: { result: 'denied' },
    },
    // Interrupts: 'Keep me signed in?', no session for a silent sign-in, a device to identify, a consent to give. Nobody
    // failed at anything.
    { names: signIn, where: { [code]: ['16000', '50058', '50097', '50125', '50140', '65001'] }, event_type: 'login' },
    ...failures,
    { names: signIn, where: { [code]: /^\d+$/ }, event_type: 'login', auth: { result: 'fail' } },
    { names: signIn, event_type: 'login' },
    // Directory roles are all roles of administration.
    { names: ['Add member to role', 'Add eligible member to role'], event_type: 'admin_role_granted' },
    { names: ['Remove member from role'], event_type: 'role_revoked' },
    {
      names: ['Reset user password', 'Reset password (by admin)', 'Reset password (self-service)'],
      event_type: 'password_reset',
    },
    {
      names: ['Change user password', 'Change password (self-service)'],
      event_type: 'account_changed',
      change: { field: 'password' },
    },
    { names: ['Add user'], event_type: 'account_created' },
    { names: ['Consent to application'], event_type: 'oauth_grant' },
    { names: ['Disable Strong Authentication', 'Admin deleted security info'], event_type: 'mfa_disabled' },
    {
      names: ['User registered security info', 'User deleted security info', 'Admin registered security info'],
      event_type: 'mfa_changed',
    },
  ],
};
