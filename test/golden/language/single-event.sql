CREATE RULE root_login SEVERITY high AS
SELECT account_id, actor.ip, auth.method, details.port::int AS port,
  extract(HOUR FROM timestamp AT TIME ZONE 'Europe/Berlin') AS hour
FROM events AS e
WHERE e.event_type = 'login' AND e.result = 'success' AND account_id IN ('root', 'admin')
  AND NOT (actor.ip IN ('10.0.0.0/8', '192.0.2.7') OR actor.ip IS NULL);
