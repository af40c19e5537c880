CREATE RULE r AS
WITH fails AS (SELECT account_id FROM events WHERE auth.result = 'fail'),
  logins AS (SELECT account_id FROM events WHERE event_type = 'login')
SELECT account_id FROM logins;
