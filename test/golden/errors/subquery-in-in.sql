CREATE RULE r AS
SELECT account_id
FROM events
WHERE account_id IN (SELECT account_id FROM vips);
