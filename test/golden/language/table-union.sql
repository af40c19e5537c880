-- One table of windows of two lengths: each SELECT writes its rows under the table's name.
CREATE TABLE logins AS
SELECT account_id, 'hour' AS span, count(*) AS n FROM events WHERE event_type = 'login'
GROUP BY account_id WINDOW TUMBLING 1 HOUR
UNION ALL
SELECT account_id, 'day', count(*) FROM events WHERE event_type = 'login'
GROUP BY account_id WINDOW TUMBLING 1 DAY
STATE MAX 100000 KEYS;

CREATE RULE many AS SELECT account_id, sum(n) AS total FROM logins WHERE span = 'day'
GROUP BY account_id WINDOW SLIDING 7 DAYS HAVING total > 1000;

CREATE RULE beside AS
SELECT e.account_id AS account_id, l.n AS n, l.span AS span
FROM events AS e JOIN logins AS l ON l.account_id = e.account_id
WHERE e.event_type = 'account_changed' AND l.n > 100;
