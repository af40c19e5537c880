CREATE RULE r AS
SELECT account_id, count(*) AS failures FROM events
GROUP BY account_id
WINDOW 5m
HAVING failures >= 5;
