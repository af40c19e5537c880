-- The same rule three times: a view by itself, WITH under another name, a SELECT in brackets. One meaning, one plan hash
-- but for the rule's own name.
CREATE VIEW guessing AS
SELECT account_id, count(*) AS failures FROM events WHERE event_type = 'login' AND auth.result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= 5;

CREATE RULE by_view AS
SELECT account_id, max(failures) AS most FROM guessing GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING most > 7;

CREATE RULE by_with PARAM least int = 5 IN 2 TO 9 AS
WITH fails AS (SELECT * FROM events WHERE event_type = 'login' AND auth.result = 'fail'),
  many AS (
    WITH own AS (SELECT account_id FROM fails)
    SELECT account_id, count(*) AS failures FROM own
    GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= :least
  )
SELECT * FROM many WHERE failures > 7;

CREATE RULE by_subquery AS
SELECT account_id, max(failures) AS most
FROM (
  SELECT account_id, count(*) AS failures FROM events WHERE event_type = 'login' AND auth.result = 'fail'
  GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= 5
) AS fails
GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING most > 7;

CREATE VIEW minutes AS
WITH logins AS (SELECT account_id FROM events WHERE event_type = 'login')
SELECT account_id, count(*) AS n FROM logins GROUP BY account_id WINDOW TUMBLING 1 MINUTE HAVING n > 1;

CREATE RULE joined AS
SELECT g.account_id AS account_id, s.ip AS ip
FROM (
  SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login'
  GROUP BY account_id WINDOW TUMBLING 1 MINUTE HAVING n > 1 EMIT AT END STATE MAX 1000000 KEYS
) AS g
JOIN (SELECT account_id, actor.ip AS ip FROM events WHERE event_type = 'session_new') AS s
  WITHIN (AFTER 10 MINUTES) ON s.account_id = g.account_id;
