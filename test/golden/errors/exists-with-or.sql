CREATE RULE r AS
SELECT account_id
FROM events AS e
WHERE e.event_type = 'token_rotated'
  OR EXISTS (SELECT 1 FROM events AS l WHERE l.account_id = e.account_id WITHIN 10 MINUTES);
