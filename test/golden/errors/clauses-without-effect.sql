CREATE RULE guessing
  SEVERITY CASE WHEN failures < 5 THEN low WHEN failures > 50 THEN high ELSE medium END
AS
SELECT account_id, count(*) AS failures, count(*) FILTER (WHERE event_type = 'logout') AS logouts
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 10;

CREATE RULE hourly SEVERITY low AS
SELECT account_id, count(*) AS failures, count(DISTINCT result) AS results
FROM events
WHERE result IN ('fail', 'denied')
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING failures BETWEEN 10 AND 20
SUPPRESS BY account_id FOR 1 HOUR;

CREATE RULE growing SEVERITY low AS
SELECT account_id, count(*) AS failures, count(DISTINCT result) AS results
FROM events
WHERE result IN ('fail', 'denied')
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING failures >= 10
ESCALATE WHEN results > 2 TO high;

-- Nearly: each of these clauses has its case.
CREATE RULE nearly
  SEVERITY CASE WHEN failures < 11 THEN low ELSE medium END
AS
SELECT account_id, count(*) AS failures, count(*) FILTER (WHERE result = 'fail') AS fails
FROM events
WHERE result IN ('fail', 'denied')
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING failures >= 10
ESCALATE WHEN failures > 20 TO high;

CREATE RULE nearly_hourly AS
SELECT account_id, count(*) AS failures
FROM events
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING failures BETWEEN 10 AND 20
SUPPRESS BY account_id FOR 61 MINUTES;

-- Decided early: the last event of one window and the first of the next may be near.
CREATE RULE nearly_early AS
SELECT account_id, count(*) AS failures
FROM events
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING failures >= 10
SUPPRESS BY account_id FOR 1 HOUR;
