CREATE LOOKUP platforms (platform string PRIMARY KEY) WITH (source = 'platforms.csv');

CREATE RULE silent AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 7 DAYS WITH EMPTY KEYS OF platforms
HAVING n = 0;
