-- UNION ALL: columns by their place, named by the first SELECT; NULL for one that is not there, an int beside a float.
CREATE VIEW many_resets AS
SELECT account_id, count(*) AS resets FROM events WHERE event_type = 'password_reset'
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING resets >= 3;

CREATE VIEW signs AS
SELECT account_id, actor.ip AS ip, 1 AS weight FROM events WHERE event_type = 'mfa_disabled'
UNION ALL
SELECT account_id, NULL, resets * 0.5 FROM many_resets
UNION ALL
SELECT c.account_id, s.actor.ip, 2 FROM events AS c
JOIN events AS s WITHIN (AFTER 60 SECONDS) ON s.account_id = c.account_id
WHERE c.event_type = 'account_changed' AND s.event_type = 'session_new';

CREATE RULE several_signs AS
SELECT account_id, sum(weight) AS total FROM signs
GROUP BY account_id WINDOW SLIDING 1 DAY HAVING total >= 3;

CREATE RULE either PARAM kind string = 'mfa_disabled' AS
SELECT account_id FROM events WHERE event_type = :kind
UNION ALL
SELECT account_id FROM signs WHERE weight > 1
ENTITY account account_id
SUPPRESS BY account_id FOR 1 HOUR;
