CREATE RULE r PARAM least int = 5 IN 2 TO 9 AS
WITH many AS (
  SELECT account_id, count(*) AS n FROM events
  GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= :least
)
SELECT account_id, n FROM many;

TUNE r WHERE tenant_id = 'shop' SET least = 8 BECAUSE 'call centre';
