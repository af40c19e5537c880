CREATE RULE r AS
SELECT account_id, actor.ip
FROM events
WHERE actor.ip BETWEEN '10.0.0.1' AND '10.0.0.99';
