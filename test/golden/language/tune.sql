-- Other values of a rule's PARAMs for some tenants: one rule, one hash.
CREATE RULE account_guessing
  PARAM min_failures int = 10 IN 3 TO 30
  PARAM min_ips int = 1
AS
SELECT account_id, count(*) AS failures, count(DISTINCT actor.ip) AS ips FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= :min_failures AND ips >= :min_ips;
TUNE account_guessing WHERE tenant_id = 'shop' SET min_failures = 25 BECAUSE 'call centre';
TUNE account_guessing WHERE tenant_id IN ('bank', 'fund') SET min_failures = 5, min_ips = 2 BECAUSE 'contract' OWNER 'ann';
CREATE RULE words AS SELECT platform AS tune, platform AS set FROM events;
-- A PARAM that a view in the rule asks, or a SELECT of a UNION ALL: they are others for those tenants, too.
CREATE RULE many_at_once PARAM least int = 5 IN 2 TO 9 AS
WITH many AS (SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= :least)
SELECT account_id, n FROM many WHERE n < 100;
TUNE many_at_once WHERE tenant_id = 'shop' SET least = 8 BECAUSE 'call centre';
CREATE RULE either PARAM kind string = 'login' AS
SELECT account_id, 1 AS n FROM events WHERE event_type = :kind
UNION ALL
SELECT account_id, 2.5 FROM events WHERE event_type = 'session_new';
TUNE either WHERE tenant_id = 'shop' SET kind = 'logout' BECAUSE 'they asked';
