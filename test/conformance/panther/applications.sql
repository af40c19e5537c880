-- Slack and Notion through their codecs, Snowflake and OpenAI as records in details.

-- Beyond a number of failures Snowflake writes one overflow event in place of the rest: it names no user of its own.
CREATE VIEW snowflake_failures AS
SELECT details.CLIENT_IP::string AS ip, details.USER_NAME::string AS user_name FROM events
WHERE platform = 'snowflake' AND details.EVENT_TYPE = 'LOGIN' AND details.IS_SUCCESS = 'NO'
  AND details.ERROR_MESSAGE::string IS DISTINCT FROM 'OVERFLOW_FAILURE_EVENTS_ELIDED';

CREATE RULE snowflake_stream_bruteforcebyip SEVERITY medium AS
SELECT ip, count(*) AS failures FROM snowflake_failures
GROUP BY ip WINDOW SLIDING 60 MINUTES HAVING failures >= 5;

CREATE RULE snowflake_stream_bruteforcebyusername SEVERITY medium AS
SELECT user_name, count(*) AS failures FROM snowflake_failures
GROUP BY user_name WINDOW SLIDING 60 MINUTES HAVING failures >= 5;

CREATE RULE snowflake_stream_passwordspray SEVERITY medium AS
SELECT ip, count(DISTINCT user_name) AS users FROM snowflake_failures
GROUP BY ip WINDOW SLIDING 60 MINUTES HAVING users >= 5;

CREATE RULE snowflake_stream_loginwithoutmfa SEVERITY medium AS
SELECT details.USER_NAME::string AS user_name FROM events
WHERE platform = 'snowflake' AND details.EVENT_TYPE = 'LOGIN' AND details.IS_SUCCESS = 'YES'
  AND details.FIRST_AUTHENTICATION_FACTOR = 'PASSWORD' AND details.SECOND_AUTHENTICATION_FACTOR::string IS NULL;

CREATE RULE slack_auditlogs_mfasettingschanged SEVERITY high AS
SELECT account_id, actor.id AS changed_by FROM events WHERE platform = 'slack' AND event_type = 'mfa_changed';

CREATE RULE slack_auditlogs_userprivilegeescalation SEVERITY high AS
SELECT account_id, actor.id AS changed_by FROM events
WHERE platform = 'slack' AND event_type IN ('admin_role_granted', 'role_granted');

CREATE RULE openai_credentialstuffing SEVERITY medium AS
SELECT details.actor.session."user".email::string AS user_name,
  count(DISTINCT details.actor.session.ip_address::string) AS ips
FROM events
WHERE platform = 'openai' AND details.type = 'login.failed'
GROUP BY user_name WINDOW SLIDING 30 MINUTES HAVING ips >= 5;

-- 'role_assignment_role-api-organization-owner__api-organization__org-abc_user-x': the role stands before the first '__'.
CREATE RULE openai_admin_role_assignment SEVERITY high AS
SELECT details.role_assignment_created.principal_id::string AS principal FROM events
WHERE platform = 'openai' AND details.type = 'role.assignment.created'
  AND split_part(details.role_assignment_created.id::string, '__', 1) ~ '(admin|owner)$';

-- A place that an account which was seen before was not seen in.
CREATE RULE notion_loginfromnewlocation SEVERITY medium AS
SELECT e.account_id, e.details.p_enrichment.ipinfo_location['event.ip_address'].city::string AS city FROM events AS e
JOIN seen_accounts AS a ON a.account_id = e.account_id
LEFT JOIN seen_places AS p ON p.account_id = e.account_id
  AND p.place = e.details.p_enrichment.ipinfo_location['event.ip_address'].city::string || '_'
  || coalesce(e.details.p_enrichment.ipinfo_location['event.ip_address'].region::string, '') || '_'
  || e.details.p_enrichment.ipinfo_location['event.ip_address'].country::string
WHERE e.platform = 'notion' AND e.event_type = 'login' AND p.place IS NULL
  AND e.details.p_enrichment.ipinfo_location['event.ip_address'].city::string IS NOT NULL;
