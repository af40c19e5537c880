CREATE TABLE ips AS
SELECT account_id, array_agg(DISTINCT actor.ip, 10) AS ips FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;

CREATE RULE r AS
SELECT e.account_id AS account_id, u.ip AS ip
FROM events AS e JOIN ips AS l ON l.account_id = e.account_id CROSS JOIN UNNEST(l.ips) AS u(ip);
