CREATE RULE r AS
SELECT account_id, actor.ip
FROM events
WHERE actor.ip = '192.168.1.256';
