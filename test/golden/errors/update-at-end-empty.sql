CREATE RULE r AS
SELECT account_id, count(*) AS failures
FROM events
GROUP BY account_id
WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 1 DAY
HAVING failures >= 10
UPDATE AT END;
