-- Entra ID's sign-in logs and Microsoft 365, as records in details.

CREATE RULE azure_audit_manyfailedsignins SEVERITY medium AS
SELECT coalesce(details.properties.servicePrincipalName::string, details.properties.userPrincipalName::string) AS principal,
  count(*) AS failures
FROM events
WHERE platform = 'azure' AND details.category::string LIKE '%SignInLogs' AND details.properties.status.errorCode <> 0
GROUP BY principal WINDOW SLIDING 10 MINUTES HAVING failures >= 10;

-- 50053: the account is locked, or the address is. 8075 is Microsoft's own network.
CREATE RULE azure_audit_excessiveaccountlockouts SEVERITY high AS
SELECT details.tenantId::string AS tenant, count(*) AS lockouts FROM events
WHERE platform = 'azure' AND details.category::string LIKE '%SignInLogs' AND details.properties.status.errorCode = 50053
  AND details.properties.autonomousSystemNumber::string IS DISTINCT FROM '8075'
GROUP BY tenant WINDOW SLIDING 60 MINUTES HAVING lockouts >= 20;

CREATE RULE azure_audit_graphsessionmultipleips SEVERITY medium AS
SELECT details.properties.sessionId::string AS graph_session,
  count(DISTINCT details.properties.ipAddress::string) AS ips
FROM events
WHERE platform = 'azure' AND details.category = 'SignInLogs'
  AND details.properties.resourceDisplayName = 'Microsoft Graph'
  AND details.properties.appDisplayName NOT IN ('Office 365', 'Microsoft Office', 'Microsoft Teams', 'OfficeHome')
GROUP BY graph_session WINDOW SLIDING 60 MINUTES HAVING ips >= 2;

CREATE RULE azure_audit_ropcloginnomfa SEVERITY medium AS
SELECT details.properties.userPrincipalName::string AS principal FROM events
WHERE platform = 'azure' AND details.properties.authenticationProtocol = 'ropc'
  AND details.properties.authenticationRequirement = 'singleFactorAuthentication'
  AND coalesce(details.properties.status.errorCode::int, 0) = 0;

CREATE RULE azure_audit_legacyauth SEVERITY medium AS
SELECT details.properties.userPrincipalName::string AS principal, details.properties.clientAppUsed::string AS client
FROM events
WHERE platform = 'azure' AND details.properties.status.errorCode = 0
  AND (details.properties.userAgent IN ('BAV2ROPC', 'CBAinPROD', 'CBAinTAR')
    OR details.properties.clientAppUsed IN ('Authenticated SMTP', 'Autodiscover', 'Exchange ActiveSync',
      'Exchange Online PowerShell', 'Exchange Web Services', 'IMAP4', 'MAPI Over HTTP', 'Offline Address Book',
      'Other clients', 'Outlook Anywhere (RPC over HTTP)', 'POP3', 'Reporting Web Services', 'Universal Outlook'))
  AND details.properties.userPrincipalName::string NOT IN LOOKUP legacy_auth_exceptions;

CREATE RULE microsoft365_brute_force_login_by_user SEVERITY medium AS
SELECT details.UserId::string AS user_name, count(*) AS failures FROM events
WHERE platform = 'microsoft365' AND details.Operation = 'UserLoginFailed'
GROUP BY user_name WINDOW SLIDING 60 MINUTES HAVING failures >= 10;
