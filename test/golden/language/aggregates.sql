CREATE RULE aggregates AS
SELECT lower(platform) AS site, count(session_id) AS sessions, sum(net.asn) AS s, min(timestamp) AS first_time,
  max(geo.lat) AS north, avg(net.asn) AS mean, first(actor.ip) AS a, last(actor.ip) AS b, any_value(geo.city) AS city,
  array_agg(DISTINCT actor.ip, 5) AS addresses, array_agg(account_id) AS accounts,
  count(*) FILTER (WHERE result = 'fail') AS failures, any_value(failures_of_all) AS share
FROM shares
GROUP BY site WINDOW SLIDING 1 HOUR
HAVING failures >= 3;

CREATE VIEW shares AS SELECT *, 1 AS failures_of_all FROM events;
