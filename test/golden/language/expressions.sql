CREATE RULE expressions AS
SELECT account_id, lower(actor.user_agent) || '!' AS agent, -net.asn + 2 * 3 AS number, (geo.lat - 1.5) / 2 AS half,
  CASE result WHEN 'fail' THEN 1 WHEN 'denied' THEN 2.5 END AS score,
  CASE WHEN geo.country IS NULL THEN 'none' ELSE geo.country END AS country,
  CAST(net.asn AS string) AS asn, timestamp + 15 MINUTES AS until, coalesce(device.id, 'x') AS device
FROM events
WHERE (event_type LIKE 'login%' OR event_type NOT ILIKE 'LOG%' OR actor.user_agent ~ '^curl/' OR account_id !~ '[0-9]')
  AND net.asn BETWEEN 1 AND 100 AND NOT net.asn NOT IN (5, 6) AND NOT NOT result IS NOT NULL
  AND geo.country IS NOT DISTINCT FROM 'DE' AND actor.ip <> '10.0.0.0/8' AND actor.ip = '::ffff:192.0.2.1'
  AND timestamp > '2026-12-01T08:00:00Z' AND details.n > 5 AND details.flag = TRUE AND details.x IS NULL
  AND 1 + 1 = 2;
