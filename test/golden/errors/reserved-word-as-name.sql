CREATE RULE r AS
SELECT account_id, count(*) AS order
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING count(*) > 5;
