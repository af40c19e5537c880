-- Guessing that ended: failures on an account, then a success, all within half an hour.
-- Why ten failures: platforms lock an account after five, and an owner who comes back later and mistypes again stays below
-- ten. Not always: in six million simulated events of quiet weeks two owners were locked out twice in half an hour and
-- then got in, one from four addresses, as a phone has them at its carrier. But they stood in one network. So ten count
-- from three networks on (of 16 bits, which a carrier's pool seldom leaves), and from fewer only twenty, which is four
-- lockouts: a tool that nobody stops. `from_guesser` says whether the address that got in is the one that failed last:
-- true is almost certainly a takeover; false may be the owner coming in during an attack.
CREATE RULE takeover_after_guessing
  TITLE 'Takeover of {account_id} after {failures} failures'
  DESCRIPTION 'End the sessions of the account, reset its password and its second factor, and look at what was done since decided_at. Compare ip with where the owner usually comes from.'
  SEVERITY critical CONFIDENCE 0.9 ATTACK 'T1110.001', 'T1078'
  TAGS 'login', 'takeover'
  PARAM min_failures int = 10 IN 3 TO 1000
  PARAM min_failures_from_one_place int = 20 IN 3 TO 1000
AS
SELECT platform, account_id,
  count(*) FILTER (WHERE result = 'fail') AS failures,
  count(DISTINCT ip) FILTER (WHERE result = 'fail') AS ips,
  last(ip) AS success_ip,
  last(ip) = last(ip) FILTER (WHERE result = 'fail') AS from_guesser
FROM password_logins
GROUP BY platform, account_id
WINDOW SLIDING 30 MINUTES
HAVING failures >= :min_failures
  AND (count(DISTINCT network) FILTER (WHERE result = 'fail') >= 3 OR failures >= :min_failures_from_one_place)
  AND last(result) = 'success'
ENTITY account account_id
RESPOND end_sessions, reset_password ON account_id
SUPPRESS BY platform, account_id FOR 1 HOUR;
