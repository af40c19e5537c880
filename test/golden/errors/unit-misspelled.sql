CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
GROUP BY account_id
WINDOW SLIDING 5 MINUETS
HAVING n > 5;
