CREATE RULE splunk SEVERITY high AS
SELECT user, count(*) AS c FROM events WHERE EventID = 4625 AND src_ip = '198.51.100.7' GROUP BY user WINDOW TUMBLING 5 MINUTES HAVING c > 5;
CREATE RULE kql SEVERITY high AS
SELECT UserPrincipalName FROM events WHERE TimeGenerated > '2026-01-01T00:00:00Z' AND event_type in~ ('login');
CREATE RULE kql_fields SEVERITY high AS
SELECT UserPrincipalName FROM events WHERE TimeGenerated > '2026-01-01T00:00:00Z' AND account_id =~ 'a';
CREATE RULE elastic SEVERITY high AS SELECT "@timestamp" AS t, outcome FROM events;
CREATE RULE colon SEVERITY high PARAM least int = 10 AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING n > least;
CREATE RULE details_text SEVERITY high AS SELECT account_id FROM events WHERE contains(details.app, 'mail');
CREATE RULE glob SEVERITY high AS SELECT account_id FROM events WHERE actor.user_agent LIKE '*curl*';
CREATE RULE pause SEVERITY high AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SESSION 20 MINUTES HAVING n > 9;
CREATE RULE ends SEVERITY high AS
SELECT f.account_id FROM (SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 10 MINUTES) AS f
JOIN events AS s WITHIN 5 MINUTES ON s.account_id = f.account_id AND s.timestamp > f.window_end;
CREATE RULE ends_of_view SEVERITY high AS
SELECT f.account_id, f.window_end AS until FROM (SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 10 MINUTES) AS f;
