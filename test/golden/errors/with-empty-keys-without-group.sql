CREATE LOOKUP platforms (platform string PRIMARY KEY) WITH (source = 'platforms.csv');

CREATE RULE silent AS
SELECT count(*) AS n
FROM events
WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF platforms
HAVING n = 0;
