CREATE RULE no_key AS SELECT c.account_id FROM events AS c
JOIN events AS s WITHIN 1 MINUTE ON s.event_type = 'login';
CREATE RULE one_alias AS SELECT events.account_id FROM events
JOIN events WITHIN 1 MINUTE ON events.account_id = events.account_id;
CREATE RULE whose AS SELECT account_id FROM events AS c
JOIN events AS s WITHIN 1 MINUTE ON s.account_id = c.account_id;
CREATE RULE too_far AS SELECT c.account_id FROM events AS c
JOIN events AS s WITHIN 90 DAYS ON s.account_id = c.account_id;
CREATE RULE unknown_side AS SELECT c.account_id FROM events AS c
JOIN guessin AS g WITHIN 1 MINUTE ON g.account_id = c.account_id;
CREATE RULE wrong_side AS SELECT c.account_id FROM events AS c
JOIN events AS s WITHIN (LATER 5 SECONDS) ON s.account_id = c.account_id;
CREATE RULE no_on AS SELECT c.account_id FROM events AS c JOIN events AS s WITHIN 1 MINUTE;
CREATE RULE types AS SELECT c.account_id FROM events AS c
JOIN events AS s WITHIN 1 MINUTE ON s.account_id = c.net.asn;
CREATE RULE right_join AS SELECT c.account_id FROM events AS c
RIGHT JOIN events AS s WITHIN 1 MINUTE ON s.account_id = c.account_id;
CREATE RULE unknown AS SELECT c.acount_id FROM events AS c
JOIN events AS s WITHIN 1 MINUTE ON s.account_id = c.account_id;
