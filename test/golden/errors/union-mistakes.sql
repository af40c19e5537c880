CREATE VIEW too_few AS
SELECT account_id, actor.ip AS ip FROM events UNION ALL SELECT account_id FROM events;

CREATE VIEW too_many AS
SELECT account_id FROM events UNION ALL SELECT account_id, platform, actor.ip FROM events;

CREATE VIEW other_types AS
SELECT account_id, 1 AS n FROM events
UNION ALL
SELECT account_id, NULL FROM events
UNION ALL
SELECT account_id, platform FROM events;

CREATE RULE windows AS
SELECT account_id FROM events
UNION ALL
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 3;

CREATE VIEW each_of_its_own AS
SELECT account_id FROM events WHERE event_typ = 'login'
UNION ALL
SELECT account FROM events;

CREATE VIEW itself AS
SELECT account_id FROM events UNION ALL SELECT account_id FROM itself;

CREATE VIEW ignored AS
SELECT account_id FROM events WHERE event_type = 'login'
UNION ALL
SELECT account_id FROM events WHERE event_type = 'session_new';

CREATE EXCEPTION ours FOR ignored IGNORE WHERE account_id = 'test' BECAUSE 'a test account';

CREATE VIEW "parts (2)" AS SELECT account_id FROM events;

CREATE VIEW parts AS SELECT account_id FROM events UNION ALL SELECT platform FROM events;

CREATE RULE exists_in_several AS
SELECT account_id FROM events AS e WHERE EXISTS (
  SELECT 1 FROM events AS a WHERE a.account_id = e.account_id
  UNION ALL
  SELECT 1 FROM events AS b WHERE b.account_id = e.account_id
  WITHIN 10 MINUTES
);
