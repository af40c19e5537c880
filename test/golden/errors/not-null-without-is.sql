CREATE RULE r AS
SELECT account_id
FROM events
WHERE session_id NOT NULL;
