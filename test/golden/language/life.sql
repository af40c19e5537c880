CREATE RULE guess
  TITLE 'Guessing on {account_id}: {failures}'
  SEVERITY CASE WHEN ips > 3 THEN medium ELSE low END
AS
SELECT account_id, count(*) AS failures, count(DISTINCT actor.ip) AS ips, top(actor.ip, 2) AS tops,
  round(entropy(actor.ip), 2) AS bits
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 3
SUPPRESS BY account_id FOR 1 HOUR
ESCALATE WHEN failures >= 5 TO high
UPDATE AT END
CLOSE AFTER 30 MINUTES QUIET
RISK 10 * ips ON account account_id HALF LIFE 1 DAY
RESPOND step_up ON account_id WHILE OPEN
STATE MAX 25600 KEYS;

-- EMIT EARLY tells the opening on arrival; what follows it is final.
CREATE RULE at_once SEVERITY low AS
SELECT account_id, count(*) AS failures FROM events
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= 3
ESCALATE WHEN failures >= 5 TO high
UPDATE AT END
CLOSE AFTER 30 MINUTES QUIET
EMIT EARLY;

-- The next window of a zone ends 23, 24 or 25 hours later.
CREATE RULE days SEVERITY low AS
SELECT account_id, count(*) AS failures FROM events
GROUP BY account_id WINDOW HOPPING 2 DAYS ADVANCE BY 1 DAY IN TIME ZONE 'Europe/Berlin' HAVING failures >= 10
ESCALATE WHEN failures > 50 TO high
EMIT AT END;
