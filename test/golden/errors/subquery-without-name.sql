CREATE RULE r AS
SELECT account_id
FROM (SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR)
WHERE n > 5;
