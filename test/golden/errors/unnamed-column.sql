CREATE RULE r AS
SELECT account_id, count(*)
FROM events
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING count(*) >= 10;
