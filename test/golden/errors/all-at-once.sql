CREATE RULE r SEVERITY urgent AS
SELECT acount_id, count(*) AS failures, max(actor.ip) AS ip
FROM events
WHERE reslt = 'fail'
GROUP BY account_id
WINDOW SLIDING 0 MINUTES
HAVING failures >= :min;
