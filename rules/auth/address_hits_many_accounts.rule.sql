-- One address fails on several accounts: a list of names is tried from one machine.
-- Why four in thirty minutes: on a real host, administrators who set up accounts mistyped on three of them in that time.
-- An office or a carrier behind one address has many users, but most of them get in: an address from which more accounts
-- succeed than fail is left alone.
-- Low, and one story an hour for each platform: stuffing by rotating proxies has hundreds of such addresses, and one alert of
-- spray_across_accounts says what they are together. The further addresses are kept as suppressed by the first, for a block
-- list. One that stays and fails on twenty accounts is worth a look by itself, and breaks through as medium.
CREATE RULE address_hits_many_accounts
  TITLE 'Logins on many accounts fail from {ip}'
  DESCRIPTION 'Block the address unless it is a known proxy of your own. If some accounts let it in, treat these as taken over: end their sessions and reset their passwords.'
  SEVERITY low CONFIDENCE 0.8 ATTACK 'T1110.003', 'T1110.004'
  TAGS 'login', 'spray'
  PARAM min_accounts int = 4 IN 3 TO 1000
  PARAM many_accounts int = 20 IN 4 TO 1000
AS
SELECT platform, actor.ip AS ip,
  count(DISTINCT account_id) FILTER (WHERE result = 'fail') AS accounts,
  count(DISTINCT account_id) FILTER (WHERE result = 'success') AS entered,
  count(*) FILTER (WHERE result = 'fail') AS failures,
  array_agg(DISTINCT account_id, 10) FILTER (WHERE result = 'fail') AS names
FROM events
WHERE event_type = 'login' AND result IN ('fail', 'success')
GROUP BY platform, actor.ip
WINDOW SLIDING 30 MINUTES
HAVING accounts >= :min_accounts AND accounts > entered
ENTITY ip ip
ESCALATE WHEN accounts >= :many_accounts TO medium
RESPOND challenge ON ip
SUPPRESS BY platform FOR 1 HOUR;
