CREATE RULE r PARAM n = 5 AS
SELECT account_id
FROM events
WHERE net.asn > :n;
