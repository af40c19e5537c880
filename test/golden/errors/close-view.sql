CREATE VIEW r AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 10
CLOSE AFTER 30 MINUTES QUIET;
