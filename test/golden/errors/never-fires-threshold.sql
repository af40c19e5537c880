CREATE RULE many_kinds AS
SELECT account_id, count(DISTINCT result) AS kinds
FROM events
WHERE result IN ('fail', 'denied')
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING cardinality(array_agg(result, 5)) > 5;

CREATE RULE slow_guessing AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 5 AND max(timestamp) - min(timestamp) > 20 MINUTES;

CREATE RULE mostly_failures AS
SELECT account_id, count(*) FILTER (WHERE result = 'fail') / count(*) AS share
FROM events
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING share > 50 AND count(*) >= 20;

-- These three nearly do it, and are right.
CREATE RULE five_kinds AS
SELECT account_id FROM events GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING cardinality(array_agg(result, 5)) >= 5;

CREATE RULE a_quarter AS
SELECT account_id FROM events GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING count(*) >= 5 AND max(timestamp) - min(timestamp) >= 15 MINUTES;

CREATE RULE half_failures AS
SELECT account_id FROM events GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING count(*) FILTER (WHERE result = 'fail') / count(*) > 0.5 AND count(*) >= 20;
