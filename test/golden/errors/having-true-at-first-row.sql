CREATE VIEW bursts AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail' GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING n >= 4;
CREATE RULE r AS SELECT account_id, max(n) AS most FROM bursts GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING most >= 3;
CREATE RULE s AS SELECT account_id, max(n) AS most FROM bursts GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING most >= 5;
