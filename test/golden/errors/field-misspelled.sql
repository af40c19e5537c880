CREATE RULE r AS
SELECT acount_id, count(*) AS failures
FROM events
WHERE reslt = 'fail'
GROUP BY acount_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 10;
