CREATE RULE r AS
WITH fails AS (SELECT acount_id FROM events WHERE auth.result = 'fail')
SELECT account_id FROM events WHERE event_type = 'login';
