-- A function is a name for an expression: the plan shows the expression.
CREATE FUNCTION is_tool(agent string) RETURNS bool AS
  agent ILIKE 'curl/%' OR agent ~ '^python-requests/';
CREATE FUNCTION share(part int, whole int) RETURNS float AS part / nullif(whole, 0);

CREATE RULE tools_that_fail AS
SELECT
  actor.ip,
  count(*) AS tries,
  share(count(*) FILTER (WHERE result = 'fail'), count(*)) AS failing
FROM events
WHERE event_type = 'login' AND is_tool(actor.user_agent)
GROUP BY actor.ip
WINDOW SLIDING 10 MINUTES
HAVING tries >= 20 AND failing > 0.9;
