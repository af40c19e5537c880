CREATE VIEW quiet AS
SELECT account_id, count(*) AS logins
FROM events
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING logins < 3;

CREATE RULE r AS
SELECT account_id, logins
FROM quiet
WHERE logins = 1
EMIT EARLY;
