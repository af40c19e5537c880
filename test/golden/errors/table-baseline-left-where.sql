CREATE TABLE logins AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;

CREATE RULE r AS
SELECT e.account_id, l.n AS n
FROM events AS e LEFT JOIN logins AS l ON l.account_id = e.account_id
WHERE l.n > 5;
