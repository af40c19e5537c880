CREATE LOOKUP watched (account_id string PRIMARY KEY) WITH (source = 'watched.csv');
CREATE RULE many AS SELECT platform, count(*) AS logins FROM events
GROUP BY platform WINDOW SLIDING 5 MINUTES HAVING logins > 3 AND account_id IN LOOKUP watched;
