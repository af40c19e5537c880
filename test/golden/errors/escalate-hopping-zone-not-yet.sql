CREATE RULE r SEVERITY low AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW HOPPING 2 DAYS ADVANCE BY 1 DAY IN TIME ZONE 'Europe/Berlin'
HAVING failures >= 10
ESCALATE WHEN failures > 50 TO high
EMIT AT END;
