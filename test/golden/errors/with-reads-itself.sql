CREATE RULE r AS
WITH a AS (SELECT account_id FROM b), b AS (SELECT account_id FROM events WHERE event_type = 'login'),
  c AS (SELECT account_id FROM c)
SELECT account_id FROM a;
