-- A report wave: many people report one account within minutes. Reports of real offences trickle in over hours as people
-- see the post; ten different reporters in ten minutes have usually been told to. The same reporter counts once.
-- Large accounts get more reports by themselves: raise min_reporters for these platforms.
-- ATT&CK has no technique for false reports; T1531 is what they are for.
CREATE RULE report_wave
  TITLE '{reporters} people report {account_id} within ten minutes'
  DESCRIPTION 'Let a human look before automatic moderation acts on the account. Compare the reporters: new accounts, the same network or the same wording point to a brigade.'
  SEVERITY medium CONFIDENCE 0.7 ATTACK 'T1531'
  TAGS 'report', 'brigade'
  PARAM min_reporters int = 10 IN 3 TO 100000
AS
SELECT platform, account_id, count(DISTINCT report.reporter_id) AS reporters, count(*) AS reports,
  array_agg(DISTINCT report.type, 5) AS types
FROM events
WHERE event_type = 'policy_report'
GROUP BY platform, account_id
WINDOW SLIDING 10 MINUTES
HAVING reporters >= :min_reporters
ENTITY account account_id
RESPOND pause_moderation ON account_id
SUPPRESS BY platform, account_id FOR 2 HOURS;
