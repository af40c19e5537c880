CREATE RULE odd_agents AS
SELECT account_id, regexp_replace(actor.user_agent, '((a{9}){9}){9}', '#') AS agent
FROM events
WHERE actor.user_agent ~ '(a{30}){30}';
