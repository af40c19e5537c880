CREATE RULE r AS
SELECT account_id, lower(actor.user_agent) AS agent
FROM events
WHERE agent LIKE '%curl%';
