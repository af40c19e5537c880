CREATE RULE r AS
SELECT account_id, actor.ip,
FROM events
WHERE event_type = 'login';
