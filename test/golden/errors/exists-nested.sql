CREATE RULE r AS
SELECT account_id
FROM events AS e
WHERE e.event_type = 'token_rotated'
  AND EXISTS (SELECT 1 FROM events AS l WHERE l.account_id = e.account_id AND NOT EXISTS (SELECT 1 FROM events AS o WHERE o.account_id = l.account_id WITHIN 1 HOUR) WITHIN 10 MINUTES);
