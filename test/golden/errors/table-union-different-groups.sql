CREATE TABLE counts AS
SELECT account_id AS name, platform AS of, count(*) AS n FROM events GROUP BY account_id, platform WINDOW TUMBLING 1 HOUR
UNION ALL
SELECT session_id, 'session', count(*) FROM events GROUP BY session_id WINDOW TUMBLING 1 HOUR;

CREATE RULE r AS
SELECT e.account_id AS account_id, c.n AS n
FROM events AS e JOIN counts AS c ON c.name = e.account_id AND c.of = e.platform;
