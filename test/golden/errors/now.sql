CREATE RULE r AS
SELECT account_id
FROM events
WHERE timestamp > now() - 15 MINUTES;
