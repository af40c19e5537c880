-- Accounts made by a machine: many from one network in an hour, with few fingerprints. A campaign that brings people brings
-- them from many networks and with as many devices; a computer room of equal machines does not, and is worth the look.
-- min_accounts depends on the size of the platform.
CREATE RULE signup_burst
  TITLE '{accounts} new accounts on {platform} from AS {asn} with {fingerprints} fingerprints'
  DESCRIPTION 'Hold these accounts until they have passed a check, and slow down sign-ups from the network. What they follow and report later is worth a look.'
  SEVERITY high CONFIDENCE 0.9 ATTACK 'T1585.001'
  TAGS 'signup', 'bots'
  PARAM min_accounts int = 40 IN 5 TO 100000
  PARAM accounts_per_fingerprint int = 8 IN 2 TO 1000
AS
SELECT platform,
  net.asn AS asn,
  count(DISTINCT account_id) AS accounts,
  count(DISTINCT device.fingerprint) AS fingerprints,
  count(DISTINCT actor.ip) AS ips
FROM events
WHERE event_type = 'account_created'
GROUP BY platform, net.asn
WINDOW SLIDING 1 HOUR
HAVING accounts >= :min_accounts AND accounts >= :accounts_per_fingerprint * fingerprints
ENTITY asn asn
RESPOND challenge ON asn
SUPPRESS BY platform, asn FOR 6 HOURS;
