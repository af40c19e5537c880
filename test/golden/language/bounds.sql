CREATE RULE bounds AS
SELECT account_id, count(*) AS n, avg(geo.lat) AS lat, max(geo.lat) AS north, sum(length(actor.user_agent)) AS letters
FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR
HAVING n > 2.5 AND 3 < count(DISTINCT platform) AND north >= 10.5 AND north > 11.5 AND letters >= 7 AND avg(geo.lat) > 0;
