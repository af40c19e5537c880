CREATE RULE wave AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW HOPPING 15 MINUTES
HAVING n > 10;
