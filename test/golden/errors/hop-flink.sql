CREATE RULE wave AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW HOP 15 MINUTES
HAVING n > 10;
