CREATE RULE r AS
SELECT account_id
FROM (
  SELECT account_id, count(*) AS n FROM events
  GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n > 5
  SUPPRESS BY account_id FOR 1 HOUR
) AS many;
