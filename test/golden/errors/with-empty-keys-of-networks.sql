CREATE LOOKUP offices (net cidr PRIMARY KEY) WITH (source = 'offices.csv');

CREATE RULE silent AS
SELECT actor.ip, count(*) AS n
FROM events
GROUP BY actor.ip
WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF offices
HAVING n = 0;
