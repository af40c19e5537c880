CREATE RULE r AS
SELECT account_id, details
FROM events
WHERE event_type = 'oauth_grant';
