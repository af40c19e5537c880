-- The other side of a brigade: one reporter goes through a list. Twelve different accounts in ten minutes is less than a
-- minute to read and report each; moderators and trusted flaggers do this for a living: exclude them by platform.
-- ATT&CK has no technique for false reports; T1531 is what they are for.
CREATE RULE reporter_hits_many_accounts
  TITLE '{reporter} reports {accounts} accounts within ten minutes'
  DESCRIPTION 'Lower the weight of reports of this reporter until a human has looked. Look for others that report the same accounts.'
  SEVERITY low CONFIDENCE 0.7 ATTACK 'T1531'
  TAGS 'report', 'brigade'
  PARAM min_accounts int = 12 IN 3 TO 100000
AS
SELECT platform, report.reporter_id AS reporter, count(DISTINCT account_id) AS accounts, count(*) AS reports
FROM events
WHERE event_type = 'policy_report'
GROUP BY platform, report.reporter_id
WINDOW SLIDING 10 MINUTES
HAVING accounts >= :min_accounts
ENTITY actor reporter
RESPOND discount_reports ON reporter
SUPPRESS BY platform, reporter FOR 2 HOURS;
