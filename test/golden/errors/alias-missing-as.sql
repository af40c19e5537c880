CREATE RULE r AS
SELECT account_id, count(*) failures
FROM events
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 10;
