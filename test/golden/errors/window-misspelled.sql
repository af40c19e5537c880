CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
GROUP BY account_id
WINDOW SLIDNG 5 MINUTES
HAVING n > 5;
