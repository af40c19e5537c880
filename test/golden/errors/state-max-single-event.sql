CREATE RULE r AS
SELECT account_id
FROM events
WHERE event_type = 'api_key_created'
STATE MAX 100000 KEYS;
