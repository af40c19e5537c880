CREATE RULE r AS
WITH a AS (SELECT account_id FROM events WHERE event_type = 'login'),
  a AS (SELECT account_id FROM events WHERE event_type = 'session_new')
SELECT account_id FROM a;

CREATE RULE s AS
WITH a AS (SELECT account_id FROM events WHERE event_type = 'login')
SELECT account_id FROM (SELECT account_id FROM a) AS a;
