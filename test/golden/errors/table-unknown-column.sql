CREATE TABLE logins AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;

CREATE RULE r AS SELECT account_id FROM logins WHERE m > 10;

CREATE TABLE logins AS
SELECT platform, count(*) AS n FROM events GROUP BY platform WINDOW TUMBLING 1 HOUR;

CREATE EXCEPTION x FOR logins MUTE WHERE account_id = 'a' BECAUSE 'test';
