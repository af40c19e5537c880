CREATE VIEW distinct_rows AS
SELECT account_id FROM events UNION SELECT account_id FROM events;

CREATE VIEW distinct_again AS
SELECT account_id FROM events UNION DISTINCT SELECT account_id FROM events;

CREATE VIEW bracketed AS
SELECT account_id FROM events UNION ALL (SELECT account_id FROM events);

CREATE RULE both_of_them AS
SELECT account_id FROM events WHERE event_type = 'login' INTERSECT SELECT account_id FROM events;

CREATE RULE all_but_these AS
SELECT account_id FROM events WHERE event_type = 'login' EXCEPT SELECT account_id FROM events;

CREATE RULE ordered AS
SELECT account_id FROM events UNION ALL SELECT account_id FROM events ORDER BY account_id;

CREATE RULE too_early AS
SELECT account_id FROM events WHERE event_type = 'login'
SUPPRESS BY account_id FOR 1 HOUR
UNION ALL
SELECT account_id FROM events WHERE event_type = 'session_new';

CREATE VIEW nothing_behind AS
SELECT account_id FROM events UNION ALL;
