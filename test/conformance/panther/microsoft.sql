-- Entra ID through its codec, Microsoft 365 as records in details.

CREATE RULE azure_audit_manyfailedsignins SEVERITY medium AS
SELECT account_id, count(*) AS failures FROM events
WHERE platform = 'entra' AND event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING failures >= 10;

-- 8075 is Microsoft's own network.
CREATE RULE azure_audit_excessiveaccountlockouts SEVERITY high AS
SELECT details.tenantId::string AS tenant, count(*) AS lockouts FROM events
WHERE platform = 'entra' AND event_type = 'login' AND failure = 'locked'
  AND details.properties.autonomousSystemNumber::string IS DISTINCT FROM '8075'
GROUP BY tenant WINDOW SLIDING 60 MINUTES HAVING lockouts >= 20;

CREATE RULE azure_audit_graphsessionmultipleips SEVERITY medium AS
SELECT session_id, count(DISTINCT actor.ip) AS ips FROM events
WHERE platform = 'entra' AND event_type = 'login' AND details.category = 'SignInLogs'
  AND details.properties.resourceDisplayName = 'Microsoft Graph'
  AND details.properties.appDisplayName NOT IN ('Office 365', 'Microsoft Office', 'Microsoft Teams', 'OfficeHome')
GROUP BY session_id WINDOW SLIDING 60 MINUTES HAVING ips >= 2;

-- A sign-in that says nothing of its result has none that failed.
CREATE RULE azure_audit_ropcloginnomfa SEVERITY medium AS
SELECT account_id, actor.ip AS ip FROM events
WHERE platform = 'entra' AND event_type = 'login' AND coalesce(result, 'success') = 'success'
  AND details.properties.authenticationProtocol = 'ropc'
  AND details.properties.authenticationRequirement = 'singleFactorAuthentication';

CREATE RULE azure_audit_legacyauth SEVERITY medium AS
SELECT account_id, details.properties.clientAppUsed::string AS client FROM events
WHERE platform = 'entra' AND event_type = 'login' AND result = 'success'
  AND (actor.user_agent IN ('BAV2ROPC', 'CBAinPROD', 'CBAinTAR')
    OR details.properties.clientAppUsed IN ('Authenticated SMTP', 'Autodiscover', 'Exchange ActiveSync',
      'Exchange Online PowerShell', 'Exchange Web Services', 'IMAP4', 'MAPI Over HTTP', 'Offline Address Book',
      'Other clients', 'Outlook Anywhere (RPC over HTTP)', 'POP3', 'Reporting Web Services', 'Universal Outlook'))
  AND account_id NOT IN LOOKUP legacy_auth_exceptions;

CREATE RULE microsoft365_brute_force_login_by_user SEVERITY medium AS
SELECT details.UserId::string AS user_name, count(*) AS failures FROM events
WHERE platform = 'microsoft365' AND details.Operation = 'UserLoginFailed'
GROUP BY user_name WINDOW SLIDING 60 MINUTES HAVING failures >= 10;
