CREATE RULE r AS
SELECT account_id
FROM events AS e
WHERE e.event_type = 'token_rotated'
  AND EXISTS l.account_id = e.account_id;
