-- One group goes for several tenants, too little at each of them to be seen there: the same fingerprint from the same address
-- fails on accounts of three tenants within an hour. Only of tenants that share (SHARING TENANTS of the stream). People of
-- equal phones at one large carrier share fingerprint and network, too, and mistype at several tenants: but more of them
-- get in than fail, and with a tool it is the other way round.
CREATE RULE campaign_across_tenants
  ACROSS TENANTS
  TITLE 'AS {asn} fails on {accounts} accounts of {tenants} tenants with one fingerprint'
  DESCRIPTION 'Tell the tenants; block the addresses and challenge the fingerprint at all of them. Look for successes of the same fingerprint.'
  SEVERITY high CONFIDENCE 0.8 ATTACK 'T1110.003', 'T1110.004'
  TAGS 'login', 'campaign'
  PARAM min_tenants int = 3 IN 2 TO 1000
  PARAM min_accounts int = 4 IN 2 TO 1000
AS
SELECT net.asn AS asn, device.fingerprint AS fingerprint,
  count(DISTINCT tenant_id) FILTER (WHERE result = 'fail') AS tenants,
  count(DISTINCT account_id) FILTER (WHERE result = 'fail') AS accounts,
  count(DISTINCT account_id) FILTER (WHERE result = 'success') AS entered,
  count(DISTINCT actor.ip) FILTER (WHERE result = 'fail') AS ips
FROM events
WHERE event_type = 'login' AND result IN ('fail', 'success')
GROUP BY net.asn, device.fingerprint
WINDOW SLIDING 1 HOUR
HAVING tenants >= :min_tenants AND accounts >= :min_accounts AND accounts > entered
ENTITY fingerprint fingerprint
RESPOND challenge ON fingerprint
SUPPRESS BY fingerprint FOR 6 HOURS;
