CREATE RULE long_session AS
SELECT account_id, count(*) AS events
FROM events
GROUP BY account_id
WINDOW SESSION GAP 30 MINUTES
HAVING events >= 100;

-- Nearly: this one ends after eight hours, come what may.
CREATE RULE long_shift AS
SELECT account_id, count(*) AS events
FROM events
GROUP BY account_id
WINDOW SESSION GAP 30 MINUTES MAX 8 HOURS
HAVING events >= 100;
