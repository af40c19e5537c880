-- Two logins that one person cannot have made: thousands of kilometres apart within an hour, and on two devices. What looks
-- like it: exits of VPNs, relays and clouds (left out by their type), in-flight Wi-Fi, whose address lies at a ground
-- station, and addresses that are looked up wrongly: there the device, or the address, is the same. What is not left out: a
-- phone that roams comes out at its carrier at home while the laptop is in a hotel. Where many travel, ask for a higher min_km
-- or except their carriers' networks; that is why it is medium, and not surer.
CREATE RULE impossible_travel
  TITLE '{account_id} logged in {km} km apart within an hour'
  DESCRIPTION 'Ask the account''s owner on a known device; else end the sessions of the second place, reset the password, and look at what was done since decided_at.'
  SEVERITY medium CONFIDENCE 0.7 ATTACK 'T1078'
  TAGS 'login', 'travel'
  PARAM min_km int = 3000 IN 500 TO 20000
AS
SELECT a.platform AS platform,
  a.account_id AS account_id,
  a.geo.country AS from_country,
  b.geo.country AS country,
  b.actor.ip AS ip,
  round(distance_km(a.geo.lat, a.geo.lon, b.geo.lat, b.geo.lon)) AS km
FROM events AS a
JOIN events AS b WITHIN (AFTER 1 HOUR)
  ON b.account_id = a.account_id AND b.platform = a.platform
  AND b.device.id <> a.device.id AND b.actor.ip <> a.actor.ip
  AND distance_km(a.geo.lat, a.geo.lon, b.geo.lat, b.geo.lon) >= :min_km
WHERE a.event_type = 'login' AND a.result = 'success' AND a.net.type NOT IN ('vpn', 'proxy', 'hosting')
  AND b.event_type = 'login' AND b.result = 'success' AND b.net.type NOT IN ('vpn', 'proxy', 'hosting')
ENTITY account account_id
RESPOND step_up ON account_id
SUPPRESS BY platform, account_id FOR 1 HOUR;
