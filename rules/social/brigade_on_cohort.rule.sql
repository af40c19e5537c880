-- A brigade works through a list: on the platform as a whole many accounts are reported by many people at once, while no
-- single account may stand out yet. On a large platform as many accounts are reported in any half hour, but by one person
-- each: two reports an account, on the mean, are no usual half hour at any size. min_accounts and min_reports are floors,
-- some ten times what is reported in a usual half hour of a small platform. It stays open until nothing of it was seen for
-- half an hour; so long automatic moderation should wait.
-- ATT&CK has no technique for false reports; T1531 is what they are for.
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
HAVING accounts >= :min_accounts AND reports >= :min_reports AND reports >= 2 * accounts
ENTITY platform platform
CLOSE AFTER 30 MINUTES QUIET
RESPOND pause_moderation ON platform WHILE OPEN
SUPPRESS BY platform FOR 1 HOUR;
