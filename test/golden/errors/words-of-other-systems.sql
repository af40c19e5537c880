CREATE RULE head LEVEL high AS SELECT account_id FROM events;
CREATE RULE head_technique TECHNIQUE 'T1110' AS SELECT account_id FROM events;
CREATE RULE foot SEVERITY high AS SELECT account_id FROM events WHERE event_type = 'login' THROTTLE BY account_id FOR 1 HOUR;
CREATE RULE hours SEVERITY high AS SELECT account_id FROM events WHERE hour(timestamp) > 18 OR dayofweek(timestamp) > 5;
CREATE RULE one_hour SEVERITY high AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1h HAVING n > 3;
CREATE RULE filtered SEVERITY high AS
SELECT account_id, count(*) FILTER (result = 'fail') AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n > 3;
CREATE RULE braces SEVERITY high PARAM least int = 3 AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n > {{ least }};
CREATE RULE dollar SEVERITY high PARAM least int = 3 AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n > $least;
CREATE RULE steps SEVERITY high AS
SELECT account_id FROM events MATCH_RECOGNIZE (PARTITION BY account_id ORDER BY timestamp PATTERN (F{5} S));
CREATE RULE tumble SEVERITY high AS
SELECT actor.ip, count(*) AS n FROM TUMBLE(events, timestamp, INTERVAL '7' MINUTE) GROUP BY actor.ip HAVING n > 5;
