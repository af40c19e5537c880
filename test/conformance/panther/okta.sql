-- Okta, through its codec. Where several of Okta's events share an event_type the rule reads the name in details.

CREATE RULE okta_global_mfa_disabled SEVERITY high AS
SELECT account_id, actor.id AS changed_by FROM events
WHERE platform = 'okta' AND event_type = 'mfa_disabled' AND details.eventType = 'system.mfa.factor.deactivate';

CREATE RULE okta_anonymizing_vpn_login SEVERITY medium AS
SELECT account_id, actor.ip AS ip FROM events
WHERE platform = 'okta' AND event_type = 'login'
  AND coalesce(details.securityContext.isProxy::bool, details.securitycontext.isProxy::bool);

CREATE RULE okta_refresh_access_token_reuse SEVERITY medium AS
SELECT account_id, actor.ip AS ip FROM events
WHERE event_type IN ('okta.app.oauth2.token.detect_reuse', 'okta.app.oauth2.as.token.detect_reuse');

CREATE RULE okta_group_admin_role_assigned SEVERITY high AS
SELECT account_id, actor.id AS granted_by FROM events
WHERE event_type = 'okta.group.privilege.grant';

CREATE RULE okta_login_success SEVERITY info AS
SELECT account_id, actor.ip AS ip FROM events
WHERE platform = 'okta' AND event_type = 'login' AND result = 'success';

-- The codec puts the user of target[] into account_id: whose password it was.
CREATE RULE okta_passwordaccess SEVERITY medium AS
SELECT account_id, actor.id AS read_by FROM events
WHERE event_type = 'okta.application.user_membership.show_password' AND actor.id <> account_id;

CREATE RULE okta_phishing_attempt_blocked_fastpass SEVERITY high AS
SELECT account_id, actor.ip AS ip FROM events
WHERE platform = 'okta' AND event_type = 'mfa_challenge'
  AND details.outcome.result = 'FAILURE' AND details.outcome.reason = 'FastPass declined phishing attempt';

-- One session from two devices in two networks. What Okta does itself in a session (client 'okta.ID') is no device.
CREATE RULE okta_potentiallystolensession SEVERITY high AS
SELECT e.account_id, s.user_agent AS before, e.actor.user_agent AS now FROM events AS e
JOIN sessions AS s ON s.session_id = e.session_id
WHERE e.platform = 'okta' AND s.asn <> e.details.securityContext.asNumber::string
  AND (s.browser <> e.details.client.userAgent.browser::string OR s.os <> e.details.client.userAgent.os::string)
  AND coalesce(e.details.client.id::string, '') NOT LIKE 'okta.%';

CREATE RULE okta_sso_to_aws SEVERITY info AS
SELECT account_id, actor.ip AS ip FROM events
WHERE event_type = 'okta.user.authentication.sso' AND details.outcome.result = 'SUCCESS'
  AND ANY(details.target) ~ '"displayName":"[^"]*AWS';

CREATE RULE okta_support_reset SEVERITY high AS
SELECT account_id FROM events
WHERE platform = 'okta' AND actor.id = 'system@okta.com'
  AND event_type IN ('password_reset', 'mfa_changed', 'mfa_disabled');

CREATE RULE okta_user_account_locked SEVERITY low AS
SELECT account_id FROM events WHERE event_type = 'okta.user.account.lock';

CREATE RULE okta_user_mfa_factor_suspend SEVERITY high AS
SELECT account_id, actor.id AS suspended_by FROM events
WHERE platform = 'okta' AND event_type = 'mfa_changed'
  AND coalesce(details.eventType::string, details.eventtype::string) = 'user.mfa.factor.suspend';

-- The codec calls a factor that its own user resets mfa_changed, and mfa_disabled where somebody takes it away.
CREATE RULE okta_user_mfa_reset_single SEVERITY info AS
SELECT account_id FROM events
WHERE platform = 'okta' AND event_type = 'mfa_changed'
  AND coalesce(details.eventType::string, details.eventtype::string) = 'user.mfa.factor.deactivate';

CREATE RULE okta_user_mfa_reset_all SEVERITY low AS
SELECT account_id, actor.id AS reset_by FROM events
WHERE platform = 'okta' AND event_type = 'mfa_changed'
  AND coalesce(details.eventType::string, details.eventtype::string) = 'user.mfa.factor.reset_all';

CREATE RULE okta_user_reported_suspicious_activity SEVERITY high AS
SELECT account_id FROM events WHERE event_type = 'okta.user.account.report_suspicious_activity_by_enduser';
