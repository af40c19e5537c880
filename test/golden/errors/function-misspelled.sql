CREATE RULE r AS
SELECT account_id
FROM events
WHERE lowr(event_type) = 'login';
