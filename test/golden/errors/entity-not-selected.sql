CREATE RULE r AS
SELECT account_id, count(DISTINCT actor.ip) AS ips
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING ips >= 5
ENTITY device device.id;
