CREATE RULE r AS SELECT account_id, array_agg(actor.ip, 500) AS ips FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING count(*) >= 3;
