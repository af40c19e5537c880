CREATE RULE guessing
  SEVERITY CASE WHEN failures > 50 THEN critical WHEN ips > 5 THEN high ELSE low END
AS
SELECT account_id, count(*) AS failures, count(DISTINCT actor.ip) AS ips
FROM events
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 5;

CREATE RULE hourly SEVERITY CASE WHEN failures >= 10 THEN high ELSE low END AS
SELECT account_id, count(*) FILTER (WHERE result = 'fail') AS failures FROM events
GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING 4 < failures;

CREATE RULE escalated SEVERITY info AS
SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 5
ESCALATE WHEN n > 3 TO low
ESCALATE WHEN n > 30 TO high;

-- Nearly: the count may be beyond its threshold where another condition becomes true, at the end, or in a later revision.
CREATE RULE nearly_two SEVERITY CASE WHEN n > 50 THEN high ELSE low END AS
SELECT account_id, count(*) AS n, count(DISTINCT actor.ip) AS ips FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 5 AND ips >= 2;
CREATE RULE nearly_sum SEVERITY CASE WHEN n > 50 THEN high ELSE low END AS
SELECT account_id, sum(details.size::int) AS n FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 5;
CREATE RULE nearly_end SEVERITY CASE WHEN n > 50 THEN high ELSE low END AS
SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING n >= 5
EMIT AT END;
CREATE RULE nearly_later SEVERITY CASE WHEN n > 50 THEN high ELSE low END AS
SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 5
UPDATE AT END;
CREATE RULE nearly_many SEVERITY CASE WHEN n > 50 THEN high ELSE low END AS
SELECT account_id, count(*) AS n FROM events CROSS JOIN UNNEST(details.to) AS r(recipient)
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 5;
CREATE RULE nearly_reached SEVERITY CASE WHEN n >= 5 THEN high ELSE low END AS
SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n > 4.5;
