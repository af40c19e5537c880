CREATE RULE r AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW HOPPING 15 MINUTES ADVANCE BY 1 MINUTE
HAVING failures >= 10;
