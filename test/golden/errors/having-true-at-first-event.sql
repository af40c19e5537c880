CREATE RULE r AS
SELECT account_id, count(*) AS n
FROM events
WHERE event_type = 'role_granted'
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING n >= 1;
