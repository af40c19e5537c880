CREATE TABLE failures AS
  SELECT account_id, COUNT(*) AS n FROM events
  WINDOW TUMBLING (SIZE 15 MINUTES)
  WHERE result = 'fail' GROUP BY account_id EMIT CHANGES;
