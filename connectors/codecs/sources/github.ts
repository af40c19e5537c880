import type { Mapping } from '../mapping/mapping.ts';

const requirement = (change: string) => [
  `org.${change}_two_factor_requirement`,
  `business.${change}_two_factor_requirement`,
];

/**
 * Audit log of an organisation or enterprise, as its API, its export and its stream write it:
 * https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization
 */
export const github: Mapping = {
  name: 'github',
  summary: "GitHub's audit log, one JSON event a line",
  platform: 'github',
  event_name: ['action'],
  timestamp: ['@timestamp', 'created_at'],
  event_id: ['_document_id'],
  account_id: ['user', 'actor', 'org', 'business'],
  actor_id: ['actor'],
  actor_ip: ['actor_ip'],
  user_agent: ['user_agent'],
  country: ['actor_location.country_code'],
  meanings: [
    { names: ['user.login'], event_type: 'login', auth: { result: 'success' } },
    { names: ['user.failed_login'], event_type: 'login', auth: { result: 'fail' } },
    { names: ['user.logout'], event_type: 'logout' },
    { names: [...requirement('disable'), 'two_factor_authentication.disabled'], event_type: 'mfa_disabled' },
    { names: [...requirement('enable'), 'two_factor_authentication.enabled'], event_type: 'mfa_changed' },
    {
      names: ['business.add_admin', 'business.invite_admin', 'team.promote_maintainer'],
      event_type: 'admin_role_granted',
    },
    { names: ['org.update_member'], where: { permission: 'admin' }, event_type: 'admin_role_granted' },
    { names: ['org.update_member', 'org.add_member', 'team.add_member'], event_type: 'role_granted' },
    { names: ['business.remove_admin'], event_type: 'role_revoked' },
    { names: ['oauth_authorization.create'], event_type: 'oauth_grant' },
    { names: ['personal_access_token.access_granted', 'public_key.create'], event_type: 'api_key_created' },
  ],
};
