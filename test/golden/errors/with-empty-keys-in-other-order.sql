CREATE LOOKUP sources (platform string, account_id string, PRIMARY KEY (platform, account_id))
  WITH (source = 'sources.csv');

CREATE RULE silent AS
SELECT platform, account_id, count(*) AS n
FROM events
GROUP BY account_id, platform
WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF sources
HAVING n = 0;
