CREATE RULE r AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW HOPPING 15 MINUTES ADVANCE BY 5 MINUTES
HAVING failures >= 10
ESCALATE WHEN failures > 50 TO high;
