CREATE RULE r AS
SELECT account_id, approx_count_distinct(actor.ip) AS ips
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING ips > 100;
