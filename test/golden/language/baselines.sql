-- A table as a baseline: beside each row the last window of its group that ended at or before it.
CREATE TABLE logins_per_hour AS
SELECT account_id, platform, count(*) AS logins, count(DISTINCT actor.ip) AS ips
FROM events WHERE event_type = 'login'
GROUP BY account_id, platform WINDOW TUMBLING 1 HOUR;

CREATE TABLE busy AS SELECT count(*) AS events FROM events WINDOW HOPPING 1 DAY ADVANCE BY 1 HOUR RETENTION 2 HOURS;

CREATE RULE more_than_before AS
SELECT e.account_id, e.platform, count(*) AS logins, max(h.logins) AS before
FROM events AS e
JOIN logins_per_hour AS h ON h.account_id = e.account_id AND e.platform = h.platform
WHERE e.event_type = 'login' AND h.ips < 3
GROUP BY e.account_id, e.platform WINDOW SLIDING 10 MINUTES HAVING logins > 2 * before
EMIT EARLY;

CREATE RULE never_before AS
SELECT e.account_id AS account_id, b.events AS events
FROM events AS e
LEFT JOIN logins_per_hour AS h ON h.account_id = e.account_id AND h.platform = e.platform
JOIN busy AS b ON b.tenant_id = e.tenant_id
WHERE e.event_type = 'login' AND h.logins IS NULL AND b.events > 100;

CREATE RULE jumps AS
SELECT n.account_id AS account_id, n.logins AS now, p.logins AS before
FROM logins_per_hour AS n JOIN logins_per_hour AS p ON p.account_id = n.account_id AND p.platform = n.platform
WHERE n.logins > 10 * p.logins;

CREATE RULE changed_while_busy AS
SELECT c.account_id AS account_id, h.logins AS logins, s.actor.ip AS ip
FROM events AS c
JOIN logins_per_hour AS h ON h.account_id = c.account_id AND h.platform = c.platform
JOIN events AS s WITHIN (AFTER 1 MINUTE) ON s.account_id = c.account_id
WHERE c.event_type = 'account_changed' AND s.event_type = 'token_rotated' AND h.logins > 100;
