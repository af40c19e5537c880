-- Arrays: declared, of details, and made by array_agg; ANY on either side, elements, how many there are.
CREATE STREAM events (platform string NOT NULL, event_type string NOT NULL, account_id string NOT NULL, actor.ip ip, scopes array);

CREATE FUNCTION sends_mail(scopes array) RETURNS bool AS ANY(scopes) LIKE 'mail.%' AND cardinality(scopes) > 1;

CREATE VIEW grants AS
SELECT account_id, scopes, details['odd key']::array AS odd, details.hops[0] AS first_hop
FROM events
WHERE event_type = 'grant'
  AND (ANY(scopes) = 'all' OR 'files.read' = ANY(scopes) OR sends_mail(scopes))
  AND ANY(details.ports) > 1024
  AND 10 >= ANY(details.ports::array)
  AND ANY(details.hops)::ip = '10.0.0.0/8'
  AND actor.ip = ANY(details.hops)
  AND ANY(details.seen)::timestamp < '2026-01-01T00:00:00Z'
  AND NOT ANY(scopes) IN ('none', 'few')
  AND ANY(details['odd key']) ~ '^x'
  AND cardinality(details.hops) BETWEEN 1 AND 5
  AND details['odd key'][-1] IS NOT NULL
  AND details['odd key'][0]::int = 5;

CREATE RULE many_grants AS
SELECT account_id, array_agg(DISTINCT scopes[0], 10) AS first_scopes, count(*) FILTER (WHERE ANY(scopes) = 'all') AS alls,
  ANY(array_agg(first_hop, 5)) LIKE '10.%' AS inside
FROM grants
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING ANY(first_scopes) = 'all' AND cardinality(first_scopes) >= 2 AND first_scopes[0] <> first_scopes[-1];
