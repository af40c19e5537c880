CREATE RULE r AS
SELECT account_id, approx_count_distinct(DISTINCT actor.ip) AS v
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING v > 1;
