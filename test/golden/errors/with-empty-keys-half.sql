CREATE RULE silent AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS platforms
HAVING n = 0;
