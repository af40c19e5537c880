CREATE RULE r AS
SELECT account_id, count(DISTINCT result) AS results
FROM events
WHERE event_type = 'login' AND result IN ('success', 'fail')
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING count(DISTINCT result) >= 3;
