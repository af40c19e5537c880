-- Names are known whatever the order of the statements; a view stands before what reads it.
CREATE RULE takeover SEVERITY critical AS
SELECT account_id, count(*) FILTER (WHERE failures >= 10) AS heavy, last(ip) AS address
FROM guessing_external GROUP BY account_id WINDOW SLIDING 30 MINUTES HAVING heavy >= 1 AND count(*) >= 2;

CREATE VIEW guessing_external AS
SELECT * FROM guessing WHERE NOT is_private(ip);

CREATE VIEW guessing AS
SELECT account_id, count(*) AS failures, last(actor.ip) AS ip, window_start AS since
FROM events WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES
HAVING failures >= 5;
