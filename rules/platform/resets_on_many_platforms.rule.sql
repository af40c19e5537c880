-- Somebody goes for an owner, not for an account: resets are asked for on two platforms from several addresses within five
-- minutes. One platform alone sees an owner who cannot find the mail; owners do not do it on two platforms from four places.
CREATE RULE resets_on_many_platforms
  TITLE 'Password resets of {owner_id} on {platforms} platforms from {ips} addresses'
  DESCRIPTION 'Hold resets on all platforms of the owner for an hour, ask for a second factor, and warn the owner on a way that cannot be reset. See what is edited or changed meanwhile.'
  SEVERITY critical CONFIDENCE 0.95 ATTACK 'T1586.001'
  TAGS 'reset', 'owner'
  PARAM min_ips int = 4 IN 2 TO 100
AS
SELECT o.owner_id, count(DISTINCT e.platform) AS platforms, count(DISTINCT e.actor.ip) AS ips, count(*) AS resets
FROM events AS e JOIN owners AS o ON o.platform = e.platform AND o.account_id = e.account_id
WHERE e.event_type = 'password_reset' AND (e.result IS NULL OR e.result <> 'confirmed')
GROUP BY o.owner_id
WINDOW SLIDING 5 MINUTES
HAVING platforms >= 2 AND ips >= :min_ips
ENTITY owner owner_id
RESPOND hold_resets, step_up ON owner_id
SUPPRESS BY owner_id FOR 1 HOUR;
