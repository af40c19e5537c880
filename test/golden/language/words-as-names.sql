-- Only core SQL words are reserved; every other word is a name where a name can stand.
CREATE STREAM events (
  event_type string NOT NULL, rule string, severity int, window string, risk float, "order" string,
  max int, last string, filter string, cast string, "interval" string, sliding ip, reset bool,
  actor.name string, minutes int
) LATENESS 10 SECONDS IDLE 30 SECONDS MAX AHEAD 1 MINUTE DEDUP 2 HOURS;

CREATE RULE names TITLE 'x {filter}' TAGS 'a', 'b' AS
SELECT rule, severity, window, risk, "order", max, last, filter, cast, interval, sliding, reset, minutes, actor.name
FROM events
WHERE reset AND window = 'a' AND max > 5 AND events.sliding = '2001:DB8::1' AND details.order.from = 'x'
  AND details['odd key'] = 'y' AND minutes < 15;

CREATE RULE clauses AS
SELECT window, max(max) AS most, last(last) AS latest, count(*) FILTER (WHERE filter = 'a') AS filtered
FROM events AS window
GROUP BY window
WINDOW SLIDING INTERVAL '15' MINUTE
HAVING most > 5 AND filtered >= 2
SUPPRESS BY window FOR 1 DAY
EVIDENCE 3;
