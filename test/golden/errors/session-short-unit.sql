CREATE RULE r AS
SELECT account_id, count(*) AS failures FROM events
GROUP BY account_id
WINDOW SESSION 1h
HAVING failures >= 5;
