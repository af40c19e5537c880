CREATE RULE r AS
SELECT account_id, actor.ip
FROM events
WHERE actor.ip IN '10.0.0.0/64';
