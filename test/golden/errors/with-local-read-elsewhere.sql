CREATE RULE r AS
WITH fails AS (SELECT account_id FROM events WHERE auth.result = 'fail')
SELECT account_id FROM fails;

CREATE RULE s AS SELECT account_id FROM fails;
