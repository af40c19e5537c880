CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
GROUP BY account_id
WHERE result = 'fail'
WINDOW SLIDING 1 HOUR
HAVING n > 5;
