CREATE RULE r AS
SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR
HAVING n > (SELECT avg(n) FROM typical);
