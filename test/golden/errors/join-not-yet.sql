CREATE RULE r AS
SELECT c.account_id, s.actor.ip AS ip
FROM events AS c
JOIN events AS s WITHIN 60 SECONDS ON s.account_id = c.account_id
WHERE c.event_type = 'account_changed';
