CREATE RULE r PARAM min_failures int = 50 IN 3 TO 30 AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= :min_failures;
