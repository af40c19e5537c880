CREATE RULE r AS
SELECT account_id
FROM events
WHERE net.type NOT IN ('isp', 'mobile', NULL);
