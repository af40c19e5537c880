-- First stage: somebody tries passwords on one account.
-- Why ten in fifteen minutes: people who forgot a password give up or reset it after three to five tries, and an sshd
-- connection ends after six. Ten takes a second connection, which people rarely make. On a host that faces the internet
-- this still fires several times a week (root, admin), hence medium; the second stage is account_guessing_heavy.
CREATE RULE account_guessing
  TITLE 'Password guessing on {account_id}'
  DESCRIPTION 'Look at the addresses: one address is a block-list entry, many are a botnet. Check that the account is protected by a second factor, and see whether takeover_after_guessing followed.'
  SEVERITY medium CONFIDENCE 0.7 ATTACK 'T1110.001'
  TAGS 'login', 'guessing'
  PARAM min_failures int = 10 IN 3 TO 100
AS
SELECT platform, account_id, count(*) AS failures, count(DISTINCT actor.ip) AS ips, last(actor.ip) AS last_ip
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY platform, account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= :min_failures
ENTITY account account_id
RESPOND step_up ON account_id
SUPPRESS BY platform, account_id FOR 1 HOUR;
