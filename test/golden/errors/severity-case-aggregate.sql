CREATE RULE r SEVERITY CASE WHEN count(*) > 50 THEN critical ELSE high END AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING count(*) >= 10;
