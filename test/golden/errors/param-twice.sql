CREATE RULE r SEVERITY low
  PARAM least int = 3 IN 2 TO 20
  PARAM least int = 4 IN 2 TO 20
AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= :least;
