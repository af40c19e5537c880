CREATE RULE r AS
SELECT account_id, count(*) AS failures
FROM events
WHERE result = 'fail'
GROUP BY account_id
HAVING failures >= 10;
