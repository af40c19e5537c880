-- Flags on two platforms of one owner within half an hour: each platform by itself sees one flag, which is nothing. Platforms
-- do not act together by chance; somebody reports the owner everywhere, or posts through accounts that were taken over.
CREATE RULE flagged_on_many_platforms
  TITLE '{owner_id} is flagged on {platforms} platforms within half an hour'
  DESCRIPTION 'Look at what was posted: if it is not the owner''s, end the sessions everywhere; if it is, look for a brigade that reports it, and let a human look before more is removed.'
  SEVERITY high CONFIDENCE 0.85 ATTACK 'T1531', 'T1586.001'
  TAGS 'flag', 'owner'
  PARAM min_platforms int = 2 IN 2 TO 20
AS
SELECT o.owner_id, count(DISTINCT e.platform) AS platforms, count(*) AS flags
FROM events AS e JOIN owners AS o ON o.platform = e.platform AND o.account_id = e.account_id
WHERE e.event_type = 'policy_flag'
GROUP BY o.owner_id
WINDOW SLIDING 30 MINUTES
HAVING platforms >= :min_platforms
ENTITY owner owner_id
RESPOND pause_moderation ON owner_id
SUPPRESS BY owner_id FOR 2 HOURS;
