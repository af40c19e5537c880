CREATE RULE daily AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW TUMBLING 1 DAY IN TIME ZONE 'Europe/Berln'
HAVING n > 10;
