CREATE RULE r AS
SELECT account_id, ip
FROM events
WHERE country = 'DE';
