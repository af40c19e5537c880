CREATE RULE r AS
SELECT account_id
FROM event
WHERE event_type = 'login';
