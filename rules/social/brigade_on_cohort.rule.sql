-- A brigade works through a list: on the platform as a whole many accounts are reported by many people at once, while no
-- single account may stand out yet. min_accounts depends on the size of the platform: some ten times the accounts that are
-- reported in a usual half hour.
CREATE RULE brigade_on_cohort
  TITLE '{accounts} accounts of {platform} are reported by {reporters} people within half an hour'
  DESCRIPTION 'Let automatic moderation wait for a human while this lasts. Look for what the reported accounts have in common, and for failed logins and new devices on them.'
  SEVERITY high CONFIDENCE 0.8 ATTACK 'T1531'
  TAGS 'report', 'brigade'
  PARAM min_accounts int = 40 IN 5 TO 100000
  PARAM min_reports int = 100 IN 5 TO 1000000
AS
SELECT platform,
  count(DISTINCT account_id) AS accounts,
  count(DISTINCT report.reporter_id) AS reporters,
  count(*) AS reports
FROM events
WHERE event_type = 'policy_report'
GROUP BY platform
WINDOW SLIDING 30 MINUTES
HAVING accounts >= :min_accounts AND reports >= :min_reports
ENTITY platform platform
RESPOND pause_moderation ON platform
SUPPRESS BY platform FOR 1 HOUR;
