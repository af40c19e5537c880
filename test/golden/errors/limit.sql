CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING n > 5
LIMIT 10;
