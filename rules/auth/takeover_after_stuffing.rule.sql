-- Stuffing and spraying change the address all the time and the tool seldom: one fingerprint fails on many accounts, and now
-- and then gets in. People share fingerprints (equal models), but twenty of one model who all fail within fifteen minutes
-- are no people; and where more accounts get in than fail, they are: of a popular model at a busy hour twenty mistype, and
-- two hundred do not. The rule looks at each success by itself, so that the second account that a device gets into is found, too.
CREATE RULE takeover_after_stuffing
  TITLE 'Takeover of {entered_account} by a device that failed on many accounts'
  DESCRIPTION 'End the sessions of the account, reset its password, and ask its owner to change it elsewhere, too: it came from a list. Challenge the fingerprint while it lasts.'
  SEVERITY high CONFIDENCE 0.9 ATTACK 'T1110.004', 'T1110.003', 'T1078'
  TAGS 'login', 'takeover', 'stuffing'
  PARAM min_accounts int = 20 IN 5 TO 100000
AS
WITH tools AS (
  SELECT platform, device.fingerprint AS fingerprint,
    count(DISTINCT account_id) FILTER (WHERE result = 'fail') AS accounts,
    count(DISTINCT account_id) FILTER (WHERE result = 'success') AS entered
  FROM events
  WHERE event_type = 'login' AND result IN ('fail', 'success')
  GROUP BY platform, device.fingerprint
  WINDOW SLIDING 15 MINUTES
  HAVING accounts >= :min_accounts AND accounts > entered
)
SELECT e.platform AS platform, e.account_id AS entered_account, e.actor.ip AS ip, e.device.fingerprint AS fingerprint
FROM events AS e
WHERE e.event_type = 'login' AND e.result = 'success'
  AND EXISTS (
    SELECT 1
    FROM tools AS t
    WHERE t.platform = e.platform AND t.fingerprint = e.device.fingerprint
    WITHIN (BEFORE 15 MINUTES)
  )
ENTITY account entered_account
RESPOND end_sessions, reset_password ON entered_account
SUPPRESS BY platform, entered_account FOR 1 HOUR;
