CREATE RULE r AS
WITH a (id, n) AS (SELECT account_id, count(*) FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR)
SELECT id FROM a WHERE n > 5;
