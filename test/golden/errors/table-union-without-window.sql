CREATE TABLE logins AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR
UNION ALL
SELECT account_id, net.asn AS n FROM events;
