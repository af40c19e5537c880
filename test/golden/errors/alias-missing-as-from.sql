CREATE RULE r AS
SELECT e.account_id
FROM events e
WHERE e.event_type = 'role_granted';
