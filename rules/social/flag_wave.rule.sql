-- Flags that follow reports: the platform begins to act on an account while many people report it. A flag without reports
-- is the platform's own finding and no business of this rule; reports without a flag are report_wave's.
-- Five reporters are enough here, half of report_wave, because the flag says that the reports have an effect.
-- ATT&CK has no technique for false reports; T1531 is what they are for.
CREATE RULE flag_wave
  TITLE '{account_id} is flagged {flags} times while {reporters} people report it'
  DESCRIPTION 'Pause automatic moderation of the account until a human has looked at the reports: a brigade may be using it. Undo what was removed if it was.'
  SEVERITY high CONFIDENCE 0.8 ATTACK 'T1531'
  TAGS 'flag', 'brigade'
  PARAM min_flags int = 2 IN 1 TO 1000
  PARAM min_reporters int = 5 IN 2 TO 100000
AS
SELECT platform, account_id,
  count(*) FILTER (WHERE event_type = 'policy_flag') AS flags,
  count(DISTINCT report.reporter_id) FILTER (WHERE event_type = 'policy_report') AS reporters
FROM events
WHERE event_type IN ('policy_flag', 'policy_report')
GROUP BY platform, account_id
WINDOW SLIDING 30 MINUTES
HAVING flags >= :min_flags AND reporters >= :min_reporters
ENTITY account account_id
RESPOND pause_moderation ON account_id
SUPPRESS BY platform, account_id FOR 2 HOURS;
