-- Second stage: the guessing does not stop by itself. Forty tries in fifteen minutes is a tool at work (one try every
-- 20 s): nobody types that by hand, and a saved password that went stale in a mail client retries every few minutes.
CREATE RULE account_guessing_heavy
  TITLE 'Heavy password guessing on {account_id}'
  DESCRIPTION 'A tool is trying passwords. Block the addresses or rate-limit the account now, and ask its owner to change a weak password; the guessing goes on until it is stopped.'
  SEVERITY high CONFIDENCE 0.9 ATTACK 'T1110.001'
  TAGS 'login', 'guessing'
  PARAM min_failures int = 40 IN 10 TO 10000
AS
SELECT platform, account_id, count(*) AS failures, count(DISTINCT actor.ip) AS ips, last(actor.ip) AS last_ip
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY platform, account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= :min_failures
ENTITY account account_id
RESPOND step_up, slow_down ON account_id
SUPPRESS BY platform, account_id FOR 6 HOURS;
