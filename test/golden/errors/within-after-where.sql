CREATE RULE r AS
SELECT account_id
FROM events AS e
WHERE e.event_type = 'login'
WITHIN 10 MINUTES;
