CREATE RULE quiet_platform AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW TUMBLING 1 HOUR
HAVING n < 1;

CREATE RULE quiet_platform_rightly AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 7 DAYS
HAVING n < 1;
