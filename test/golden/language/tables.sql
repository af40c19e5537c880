-- A table is a view of windows that is decided at their ends: what reads it has the plan hash of one that reads the view.
CREATE TABLE logins_per_hour AS
SELECT account_id, count(*) AS logins, count(DISTINCT actor.ip) AS ips
FROM events WHERE event_type = 'login'
GROUP BY account_id WINDOW TUMBLING 1 HOUR;

CREATE VIEW the_same AS
SELECT account_id, count(*) AS logins, count(DISTINCT actor.ip) AS ips
FROM events WHERE event_type = 'login'
GROUP BY account_id WINDOW TUMBLING 1 HOUR EMIT AT END;

CREATE TABLE busy_days AS
WITH busy AS (SELECT * FROM logins_per_hour WHERE logins > 10)
SELECT count(*) AS hours, count(DISTINCT account_id) AS accounts
FROM busy WINDOW HOPPING 1 DAY ADVANCE BY 1 HOUR HAVING hours < 100 STATE MAX 100000 KEYS;

CREATE TABLE "table" AS SELECT session_id, count(*) AS events FROM events GROUP BY session_id WINDOW SESSION GAP 30 MINUTES;

CREATE RULE many AS SELECT account_id, sum(logins) AS total FROM logins_per_hour
GROUP BY account_id WINDOW SLIDING 1 DAY HAVING total > 1000;

CREATE RULE together AS
SELECT b.hours AS hours, l.account_id AS account_id
FROM busy_days AS b JOIN logins_per_hour AS l WITHIN (BEFORE 1 HOUR) ON l.logins = b.hours;
