CREATE RULE r AS
SELECT e.account_id
FROM events AS e
WHERE e.event_type = 'session_new' AND NOT EXISTS (
  SELECT 1 FROM events AS p WITHIN (BEFORE 1 MINUTE) WHERE p.account_id = e.account_id AND p.event_type = 'login'
);
