CREATE RULE r AS
SELECT account_id, failure
FROM (SELECT account_id, count(*) AS failures FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING failures > 5) AS many;
