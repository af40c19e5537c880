CREATE RULE r AS
SELECT account_id
FROM (SELECT account_id, count(*) AS n FROM events GROUP BY account_id)
WHERE n > 5;
