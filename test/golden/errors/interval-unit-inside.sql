CREATE RULE r AS
SELECT account_id, count(*) AS failures FROM events
GROUP BY account_id
WINDOW SLIDING INTERVAL '1 hour'
HAVING failures >= 5;
