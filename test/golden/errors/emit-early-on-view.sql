CREATE VIEW v AS
SELECT account_id, actor.ip AS ip
FROM events
WHERE event_type = 'login'
EMIT EARLY;
