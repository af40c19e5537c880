CREATE RULE r AS
SELECT account_id, stddev(actor.ip) AS v
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING v > 1;
