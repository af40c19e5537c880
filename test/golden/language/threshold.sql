-- The threshold rule of the language's description.
CREATE RULE account_guessing
  TITLE 'Password guessing on {account_id}'
  SEVERITY medium CONFIDENCE 0.7 ATTACK 'T1110.001'
  PARAM min_failures int = 10 IN 3 TO 30
AS
SELECT account_id, count(*) AS failures, count(DISTINCT actor.ip) AS ips
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= :min_failures
ENTITY account account_id
SUPPRESS BY account_id FOR 1 HOUR RESET
EVIDENCE 50;
