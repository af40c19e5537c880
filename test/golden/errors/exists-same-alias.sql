CREATE RULE r AS
SELECT account_id
FROM events AS e
WHERE e.event_type = 'token_rotated'
  AND EXISTS (SELECT 1 FROM events AS e WHERE e.account_id = account_id WITHIN 10 MINUTES);
