CREATE RULE r AS
SELECT account_id, avg(net.as_org) AS org, count(*) AS n
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING n > 5;
