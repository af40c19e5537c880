CREATE RULE r AS
SELECT account_id
FROM events
WHERE net.asn = '15169';
