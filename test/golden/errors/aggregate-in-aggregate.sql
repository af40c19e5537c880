CREATE RULE r AS
SELECT account_id, max(count(*)) AS most
FROM events
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING most > 3;
