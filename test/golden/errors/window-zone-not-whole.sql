CREATE RULE daily AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW HOPPING 1 DAY ADVANCE BY 7 HOURS IN TIME ZONE 'Europe/Berlin'
HAVING n > 10;
