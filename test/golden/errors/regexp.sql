CREATE RULE r AS
SELECT account_id
FROM events
WHERE actor.user_agent REGEXP '^curl';
