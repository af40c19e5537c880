CREATE RULE r AS
SELECT account_id FROM events WHERE event_type = 'login'
UNION ALL
SELECT account_id FROM events WHERE event_type = 'session_new';
