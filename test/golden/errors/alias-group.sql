CREATE RULE window AS
SELECT account_id AS group, count(*) AS failures FROM events
GROUP BY account_id
WINDOW SLIDING 5 MINUTES
HAVING failures >= 5;
