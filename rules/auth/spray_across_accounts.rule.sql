-- A spray: many accounts of a platform, a try or two on each, from changing addresses, so that no rule about one account
-- or one address sees it. What gives it away is the platform as a whole: many different accounts fail in ten minutes and
-- hardly any of them fails often (guessing on one account has many tries on few names). Stuffing looks the same from here.
-- Busy hours and launches bring more failures, and as many more successes: of people ten or twenty accounts fail for a
-- hundred that get in. From fifty on it is no rush. min_accounts is the floor where a night has hardly any successes.
-- A spray that is slow beside the platform's own logins stays below; takeover_after_stuffing sees its tool.
CREATE RULE spray_across_accounts
  TITLE 'Password spray or stuffing over {accounts} accounts of {platform}'
  DESCRIPTION 'Look for successes from the same addresses, networks and user agents within the hour and treat these accounts as taken over. Ask for a second factor on the platform while it lasts.'
  SEVERITY high CONFIDENCE 0.75 ATTACK 'T1110.003', 'T1110.004'
  TAGS 'login', 'spray'
  PARAM min_accounts int = 25 IN 5 TO 100000
  PARAM min_ips int = 5 IN 2 TO 100000
  PARAM failing_per_hundred int = 50 IN 5 TO 1000
AS
SELECT platform,
  count(DISTINCT account_id) FILTER (WHERE result = 'fail') AS accounts,
  count(DISTINCT account_id) FILTER (WHERE result = 'success') AS entered,
  count(*) FILTER (WHERE result = 'fail') AS failures,
  count(DISTINCT actor.ip) FILTER (WHERE result = 'fail') AS ips
FROM events
WHERE event_type = 'login' AND result IN ('fail', 'success')
GROUP BY platform
WINDOW SLIDING 10 MINUTES
HAVING accounts >= :min_accounts AND ips >= :min_ips AND failures <= 3 * accounts
  AND 100 * accounts >= :failing_per_hundred * entered
ENTITY platform platform
RESPOND step_up ON platform
SUPPRESS BY platform FOR 30 MINUTES;
