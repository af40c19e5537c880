CREATE RULE r AS
SELECT actor.id, device.id
FROM events
WHERE event_type = 'login';
