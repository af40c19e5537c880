CREATE RULE r AS
SELECT account_id
FROM events
WHERE details.at::timestamp + INTERVAL 5 MINUTES > timestamp;
