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
