CREATE RULE r AS
SELECT account_id, sum(result = 'fail') AS failures
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING failures > 5;
