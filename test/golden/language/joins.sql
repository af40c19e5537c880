CREATE VIEW guessing AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 5;

CREATE RULE contact_then_token AS
SELECT c.account_id, c.change.field AS changed, s.actor.ip AS ip, s.details.client::string AS client
FROM events AS c
JOIN events AS s WITHIN (AFTER 60 SECONDS) ON s.account_id = c.account_id AND s.actor.ip <> c.actor.ip
WHERE c.event_type = 'account_changed' AND s.event_type = 'token_rotated' AND s.details.client = 'cli';

CREATE RULE no_logout AS
SELECT c.account_id
FROM events AS c
LEFT JOIN events AS s WITHIN (BEFORE 1 SECOND, AFTER 1 HOUR) ON s.account_id = c.account_id AND s.event_type = 'logout'
WHERE c.event_type = 'login' AND s.event_type IS NULL;

CREATE RULE guessed_then_changed AS
SELECT g.account_id, max(g.failures) AS failures, count(*) AS changes
FROM guessing AS g
JOIN events AS ok WITHIN 10 MINUTES ON ok.account_id = g.account_id
JOIN events AS c WITHIN 30 MINUTES ON c.account_id = ok.account_id
WHERE ok.event_type = 'login' AND ok.result = 'success' AND c.event_type = 'account_changed'
GROUP BY g.account_id
WINDOW SLIDING 1 HOUR
HAVING changes >= 2;
