CREATE TABLE logins AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING n > 5;

CREATE RULE r AS SELECT account_id, n FROM logins WHERE n > 10 EMIT EARLY;
