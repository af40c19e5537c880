CREATE RULE r AS
SELECT account_id, count(DISTINCT actor.ip, device.id) AS pairs
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING pairs > 5;
