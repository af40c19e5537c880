CREATE RULE r AS
SELECT account_id
FROM events
HAVING event_type = 'login';
