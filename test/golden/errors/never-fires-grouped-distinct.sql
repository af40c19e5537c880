CREATE RULE r AS
SELECT actor.ip, count(DISTINCT actor.ip) AS ips
FROM events
WHERE result = 'fail'
GROUP BY actor.ip
WINDOW SLIDING 1 HOUR
HAVING ips >= 3;
