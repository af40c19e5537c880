CREATE RULE r AS
SELECT account_id, any_value(platform) AS platform, count(*) AS n
FROM events
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING n >= 5;
