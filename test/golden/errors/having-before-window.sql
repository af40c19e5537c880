CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
GROUP BY account_id
HAVING n > 5
WINDOW SLIDING 1 HOUR;
