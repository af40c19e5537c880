CREATE RULE r AS
WITH a AS (SELECT account_id FROM events WHERE event_type = 'login')
b AS (SELECT account_id FROM a)
SELECT account_id FROM b;
