-- A spray: many accounts of a platform, a try or two on each, from changing addresses, so that no rule about one account
-- or one address sees it. What gives it away is the platform as a whole: many different accounts fail in ten minutes and
-- hardly any of them fails often (guessing on one account has many tries on few names).
-- min_accounts depends on the size of the platform: set it to about three times the accounts that mistype in a usual ten
-- minutes of the busiest hour (weir backtest over a week says how many detections a value gives).
CREATE RULE spray_across_accounts
  TITLE 'Password spray over {accounts} accounts of {platform}'
  DESCRIPTION 'Look for successes from the same addresses, networks and user agents within the hour and treat these accounts as taken over. Ask for a second factor on the platform while it lasts.'
  SEVERITY high CONFIDENCE 0.75 ATTACK 'T1110.003'
  TAGS 'login', 'spray'
  PARAM min_accounts int = 25 IN 5 TO 100000
  PARAM min_ips int = 5 IN 2 TO 100000
AS
SELECT platform, count(DISTINCT account_id) AS accounts, count(*) AS failures, count(DISTINCT actor.ip) AS ips
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY platform
WINDOW SLIDING 10 MINUTES
HAVING accounts >= :min_accounts AND ips >= :min_ips AND failures <= 3 * accounts
ENTITY platform platform
SUPPRESS BY platform FOR 30 MINUTES;
