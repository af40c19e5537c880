CREATE LOOKUP platforms (platform string PRIMARY KEY) WITH (source = 'platforms.csv');

CREATE RULE silent AS
SELECT platform, count(*) AS n
FROM events
GROUP BY platform
WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF platform
HAVING n = 0;
