-- A reset wave: one account is asked to reset its password from several addresses within minutes. An owner who cannot
-- find the mail asks again, but from one place, at most two (phone and desktop): three addresses in five minutes is
-- somebody else. Confirmed resets are not requests and do not count.
CREATE RULE reset_attempts_from_many_addresses
  TITLE 'Password resets of {account_id} asked for from {ips} addresses'
  DESCRIPTION 'Hold resets of the account for an hour and ask for a second factor; tell the owner not to follow links in reset mails that they did not ask for. See whether the mail address was changed.'
  SEVERITY high CONFIDENCE 0.85 ATTACK 'T1586.001'
  TAGS 'reset'
  PARAM min_ips int = 3 IN 2 TO 100
AS
SELECT platform,
  account_id,
  count(*) AS resets,
  count(DISTINCT actor.ip) AS ips,
  array_agg(DISTINCT geo.country, 10) AS countries
FROM events
WHERE event_type = 'password_reset' AND (result IS NULL OR result <> 'confirmed')
GROUP BY platform, account_id
WINDOW SLIDING 5 MINUTES
HAVING ips >= :min_ips
ENTITY account account_id
RESPOND hold_resets, step_up ON account_id
SUPPRESS BY platform, account_id FOR 1 HOUR;
