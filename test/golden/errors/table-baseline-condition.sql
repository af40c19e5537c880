CREATE TABLE logins AS
SELECT account_id, platform, count(*) AS n FROM events GROUP BY account_id, platform WINDOW TUMBLING 1 HOUR;

CREATE RULE r AS
SELECT e.account_id AS account_id, l.n AS n
FROM events AS e JOIN logins AS l ON l.account_id = e.account_id AND l.platform = e.platform AND l.n > 5;
