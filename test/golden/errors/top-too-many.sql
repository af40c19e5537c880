CREATE RULE r AS
SELECT account_id, top(actor.ip, 1000) AS v
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING count(*) > 1;
