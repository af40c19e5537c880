CREATE RULE r AS
SELECT account_id
FROM events
WHERE details.requested_by = account_id;
