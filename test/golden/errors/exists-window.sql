CREATE RULE r AS
SELECT account_id
FROM events AS e
WHERE e.event_type = 'token_rotated'
  AND EXISTS (SELECT account_id FROM events AS l WHERE l.account_id = e.account_id GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING count(*) > 3 WITHIN 10 MINUTES);
