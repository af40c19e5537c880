CREATE RULE r AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW TUMBLING 15 MINUTES
HAVING failures >= 10
EMIT AT END
UPDATE AT END;
