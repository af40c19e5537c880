CREATE RULE r AS
SELECT DISTINCT account_id
FROM events
WHERE event_type = 'login';
