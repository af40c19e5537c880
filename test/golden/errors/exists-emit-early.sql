CREATE RULE r AS
SELECT e.account_id
FROM events AS e
WHERE NOT EXISTS (SELECT 1 FROM events AS l WHERE l.account_id = e.account_id AND l.event_type = 'login' WITHIN 1 HOUR)
EMIT EARLY;
