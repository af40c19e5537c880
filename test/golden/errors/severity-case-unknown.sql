CREATE RULE r SEVERITY CASE WHEN failures > 50 THEN severe ELSE high END AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING count(*) >= 10;
