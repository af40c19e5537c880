CREATE RULE r AS
SELECT c.account_id, s.actor.ip AS ip
FROM events AS c
JOIN events AS s WITHIN 60 SECONDS ON s.account_id = c.account_id
WHERE c.event_type = 'account_changed';
CREATE RULE after AS SELECT c.account_id FROM events AS c
LEFT JOIN events AS s WITHIN (AFTER 60 SECONDS) ON s.account_id = c.account_id;
CREATE RULE both AS SELECT c.account_id FROM events AS c
JOIN events AS s WITHIN (BEFORE 5 SECONDS, AFTER 1 MINUTE) ON s.account_id = c.account_id;
CREATE RULE wrong_side AS SELECT c.account_id FROM events AS c
JOIN events AS s WITHIN (LATER 5 SECONDS) ON s.account_id = c.account_id;
CREATE RULE no_on AS SELECT c.account_id FROM events AS c JOIN events AS s WITHIN 1 MINUTE;
