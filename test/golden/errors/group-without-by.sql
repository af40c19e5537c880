CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
GROUP account_id
WINDOW SLIDING 5 MINUTES
HAVING n > 5;
