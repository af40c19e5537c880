CREATE RULE r AS
WITH a AS (SELECT account_id FROM events WHERE event_type = 'login'),
SELECT account_id FROM a;
