-- What analysts ask for. A view with a parameter is called like a function: SELECT * FROM account_timeline(account = 'x').

-- The latest revision of each detection.
CREATE VIEW IF NOT EXISTS alerts_now AS
SELECT * FROM alerts ORDER BY revision DESC, timing = 'final' DESC LIMIT 1 BY tenant_id, id;

-- Events, late ones too, and alerts, one below the other.
CREATE VIEW IF NOT EXISTS timeline AS
SELECT
  timestamp AS at, 'event' AS kind, tenant_id, platform, account_id, actor_ip, device_id, event_type AS what,
  trimBoth(concat(auth_method, ' ', auth_result, ' ', auth_failure, ' ', change_field, ' ', report_type)) AS how,
  geo_country AS country, event_id AS id
FROM events
UNION ALL
SELECT
  timestamp AS at, 'late' AS kind, tenant_id, platform, account_id, actor_ip, device_id, event_type AS what,
  trimBoth(concat(auth_method, ' ', auth_result, ' ', auth_failure, ' ', change_field, ' ', report_type)) AS how,
  geo_country AS country, event_id AS id
FROM late_events
UNION ALL
SELECT
  decided_at AS at, 'alert' AS kind, tenant_id, '' AS platform,
  if(entity_type = 'account', entity_id, '') AS account_id, if(entity_type IN ('ip', 'address'), entity_id, '') AS actor_ip,
  if(entity_type = 'device', entity_id, '') AS device_id, rule AS what, concat(severity, ': ', title) AS how,
  '' AS country, id
FROM alerts_now
WHERE status NOT IN ('suppressed', 'withdrawn');

-- An alert is on the timeline of whom it names, and of whom its evidence is about.
CREATE VIEW IF NOT EXISTS account_timeline AS
SELECT * FROM timeline
WHERE account_id = {account:String} OR (kind = 'alert' AND id IN (
  SELECT alert_id FROM alert_evidence WHERE event_id IN (SELECT event_id FROM events WHERE account_id = {account:String})))
ORDER BY at, kind DESC;

CREATE VIEW IF NOT EXISTS address_timeline AS
SELECT * FROM timeline
WHERE actor_ip = {address:String} OR (kind = 'alert' AND id IN (
  SELECT alert_id FROM alert_evidence WHERE event_id IN (SELECT event_id FROM events WHERE actor_ip = {address:String})))
ORDER BY at, kind DESC;

CREATE VIEW IF NOT EXISTS device_timeline AS
SELECT * FROM timeline
WHERE device_id = {device:String} OR (kind = 'alert' AND id IN (
  SELECT alert_id FROM alert_evidence WHERE event_id IN (SELECT event_id FROM events WHERE device_id = {device:String})))
ORDER BY at, kind DESC;

-- The events that an alert names as its evidence.
CREATE VIEW IF NOT EXISTS alert_events AS
SELECT
  timestamp, tenant_id, platform, event_type, account_id, actor_id, actor_ip, device_id, geo_country, auth_method, auth_result,
  auth_failure, change_field, report_reporter_id, session_id, event_id, details
FROM events
WHERE (tenant_id, event_id) IN (SELECT tenant_id, event_id FROM alert_evidence WHERE alert_id = {alert:String})
ORDER BY timestamp, seq, event_id;

CREATE VIEW IF NOT EXISTS alerts_by_technique AS
SELECT
  technique, tenant_id, count() AS alerts, uniqExact(entity_type, entity_id) AS entities, arraySort(groupUniqArray(rule)) AS rules,
  min(decided_at) AS first_at, max(decided_at) AS last_at
FROM alerts_now ARRAY JOIN attack AS technique
WHERE status NOT IN ('suppressed', 'withdrawn')
GROUP BY technique, tenant_id
ORDER BY alerts DESC, technique;

-- Law 3 in figures: what each source sent on each day, and what became of it.
CREATE VIEW IF NOT EXISTS late_and_rejected AS
SELECT
  partition, toDate32(received_at) AS day, count() AS read, countIf(verdict = 'accepted') AS accepted,
  countIf(verdict = 'duplicate') AS duplicate, countIf(verdict = 'late') AS late, countIf(verdict = 'rejected') AS rejected,
  arraySort(groupUniqArrayIf(reason, reason != '')) AS reasons
FROM (
  SELECT partition, received_at, 'accepted' AS verdict, '' AS reason FROM events
  UNION ALL SELECT partition, received_at, 'late' AS verdict, '' AS reason FROM late_events
  UNION ALL SELECT partition, received_at, 'duplicate' AS verdict, '' AS reason FROM duplicate_events
  UNION ALL SELECT partition, received_at, 'rejected' AS verdict, reason FROM dead_letters
)
GROUP BY partition, day
ORDER BY day, partition;

-- What was changed on an alert's account in the day after it; where it names none, on the accounts of its evidence.
CREATE VIEW IF NOT EXISTS changed_after AS
SELECT timestamp, platform, event_type, account_id, actor_id, actor_ip, geo_country, change_field, session_id, event_id, details
FROM events
WHERE account_id IN (
    SELECT entity_id FROM alerts_now WHERE id = {alert:String} AND entity_type = 'account'
    UNION DISTINCT
    SELECT account_id FROM events WHERE event_id IN (SELECT event_id FROM alert_evidence WHERE alert_id = {alert:String}))
  AND timestamp >= (SELECT min(decided_at) FROM alerts WHERE id = {alert:String})
  AND timestamp <= (SELECT min(decided_at) FROM alerts WHERE id = {alert:String}) + toIntervalDay(1)
  AND event_type NOT IN ('login', 'logout', 'session_new', 'session_end', 'token_refreshed', 'mfa_challenge')
ORDER BY timestamp, event_id;
