-- Background noise of the internet, worth knowing per address: names that exist everywhere (root, admin) or nowhere.
-- Ten in an hour is more than one sshd connection (six tries), so that a scanner that passes by once stays out: on a real
-- host 99 addresses came by in 24 days and 9 of them insisted. People mistype their names, too: behind the one address of an
-- office or a carrier ten in an hour is nothing, but more people get in there than names fail.
CREATE RULE root_or_invalid_user_probing
  TITLE 'Probing of root and unknown users from {ip}'
  DESCRIPTION 'Nothing to do for one address. Close password login for root, and let a firewall drop addresses that are listed here again and again.'
  SEVERITY low CONFIDENCE 0.9 ATTACK 'T1110.001', 'T1078.001'
  TAGS 'login', 'probing'
  PARAM min_tries int = 10 IN 3 TO 10000
AS
SELECT platform, actor.ip AS ip,
  count(*) FILTER (WHERE result = 'fail') AS tries,
  count(DISTINCT account_id) FILTER (WHERE result = 'fail') AS names,
  count(*) FILTER (WHERE failure = 'unknown_user') AS unknown_users,
  count(DISTINCT account_id) FILTER (WHERE result = 'success') AS entered
FROM events
WHERE event_type = 'login'
  AND (result = 'success'
    OR result = 'fail'
    AND (account_id IN ('root', 'admin', 'administrator', 'Administrator') OR failure = 'unknown_user'))
GROUP BY platform, actor.ip
WINDOW SLIDING 1 HOUR
HAVING tries >= :min_tries AND names > entered
ENTITY ip ip
RESPOND block ON ip
SUPPRESS BY platform, ip FOR 24 HOURS;
