CREATE RULE outer_early AS SELECT c.account_id FROM events AS c
LEFT JOIN events AS s WITHIN 1 MINUTE ON s.account_id = c.account_id AND s.event_type = 'logout'
WHERE s.event_type IS NULL EMIT EARLY;
