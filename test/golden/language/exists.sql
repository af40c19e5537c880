CREATE VIEW guessing AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 5;

CREATE RULE rotated_without_login
  PARAM min_failures int = 7
AS
SELECT e.account_id, platform, e.timestamp AS rotated_at
FROM events AS e
WHERE e.event_type = 'token_rotated'
  AND NOT EXISTS (
    SELECT 1
    FROM events AS l
    WHERE l.event_type = 'login' AND l.account_id = e.account_id AND lower(l.platform) = lower(e.platform)
    WITHIN (BEFORE 10 MINUTES)
  )
  AND EXISTS (SELECT * FROM guessing AS g WHERE g.account_id = e.account_id AND g.failures > :min_failures WITHIN 30 MINUTES);

CREATE RULE reset_from_elsewhere AS
SELECT account_id, count(*) AS resets
FROM events AS e
WHERE e.event_type = 'password_reset'
  AND EXISTS (
    SELECT s.actor.ip
    FROM events AS s
    WHERE s.account_id = e.account_id AND s.actor.ip <> e.actor.ip AND e.details.via = 'mail'
    WITHIN (BEFORE 1 SECOND, AFTER 1 HOUR)
  )
GROUP BY account_id
WINDOW SLIDING 1 DAY
HAVING resets >= 2;

CREATE RULE joined_without_logout AS
SELECT c.account_id, s.actor.ip AS ip
FROM events AS c
JOIN events AS s WITHIN 1 MINUTE ON s.account_id = c.account_id
WHERE c.event_type = 'login' AND s.event_type = 'token_rotated'
  AND NOT EXISTS (SELECT 1 FROM events AS o WHERE o.event_type = 'logout' AND o.account_id = s.account_id WITHIN 5 MINUTES);

CREATE RULE guessed_before AS
WITH often AS (
  SELECT account_id, count(*) AS tries
  FROM events
  WHERE event_type = 'login'
  GROUP BY account_id
  WINDOW SLIDING 5 MINUTES
  HAVING tries >= 9
)
SELECT e.account_id
FROM events AS e
WHERE e.event_type = 'account_changed'
  AND EXISTS (SELECT 1 FROM often AS g WHERE g.account_id = e.account_id WITHIN 1 HOUR)
  AND NOT EXISTS (
    SELECT 1
    FROM (SELECT account_id FROM events WHERE event_type = 'mfa_challenge') AS m
    WHERE m.account_id = e.account_id
    WITHIN (BEFORE 1 HOUR)
  );
