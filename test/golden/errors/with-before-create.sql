WITH a AS (SELECT account_id FROM events WHERE event_type = 'login')
CREATE RULE r AS SELECT account_id FROM a;
