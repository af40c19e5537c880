CREATE RULE r AS
SELECT account_id
FROM events
WHERE event_type = 'token_rotated'
  AND NOT EXISTS (SELECT 1 FROM events AS l WHERE l.event_type = 'login' WITHIN 10 MINUTES);
