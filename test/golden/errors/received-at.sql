CREATE RULE r AS
SELECT account_id
FROM events
WHERE received_at - timestamp > 5 MINUTES;
