CREATE RULE r AS
SELECT account_id
FROM events
WEHRE event_type = 'login';
