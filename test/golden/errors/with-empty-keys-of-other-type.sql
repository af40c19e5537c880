CREATE LOOKUP networks (asn int PRIMARY KEY) WITH (source = 'networks.csv');

CREATE RULE silent AS
SELECT actor.ip, count(*) AS n
FROM events
GROUP BY actor.ip
WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF networks
HAVING n = 0;
