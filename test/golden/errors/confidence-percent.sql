CREATE RULE r SEVERITY high CONFIDENCE 70 AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 10;
