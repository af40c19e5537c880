CREATE RULE visit AS
SELECT account_id, count(*) AS n
FROM events
GROUP BY account_id
WINDOW SESSION 30 MINUTES
HAVING n > 10;
