CREATE TABLE logins_per_hour AS
SELECT account_id, count(*) AS logins FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;
