CREATE RULE r AS
WITH fails AS (SELECT account_id FROM events WHERE result = 'fail')
SELECT account_id FROM fails;
