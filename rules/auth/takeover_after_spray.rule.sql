-- A spray from one address that found a password: several accounts fail, then one lets the address in.
-- Five accounts is one more than the first stage (address_hits_many_accounts) asks for, because a success raises the
-- cost of being wrong (and high, not critical, because an address may be shared: its owner may be who got in): an administrator who tests new accounts fails on three or four of them and then gets in.
CREATE RULE takeover_after_spray
  TITLE 'Takeover of {entered_account} by {ip}, which failed on {accounts} accounts'
  DESCRIPTION 'End the sessions of the account and reset its password; then look for other successes of this address. If it is a shared address of your own, raise min_accounts.'
  SEVERITY high CONFIDENCE 0.8 ATTACK 'T1110.003', 'T1078'
  TAGS 'login', 'takeover', 'spray'
  PARAM min_accounts int = 5 IN 3 TO 1000
AS
SELECT platform, ip,
  last(account_id) AS entered_account,
  count(DISTINCT account_id) FILTER (WHERE result = 'fail') AS accounts,
  count(DISTINCT account_id) FILTER (WHERE result = 'success') AS entered
FROM password_logins
GROUP BY platform, ip
WINDOW SLIDING 30 MINUTES
HAVING accounts >= :min_accounts AND accounts > entered AND last(result) = 'success'
ENTITY account entered_account
RESPOND end_sessions, reset_password ON entered_account
SUPPRESS BY platform, ip FOR 1 HOUR;
