CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
GROUP BY account_id
WINDOW SLIDING 5 MINUTES
HAVING n > 5
SUPRESS BY account_id FOR 1 HOUR;
