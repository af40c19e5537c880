CREATE RULE r AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 10
ESCALATE failures > 50 TO high;
