-- A stolen cookie: one session on two devices in two networks. Roaming changes the network and keeps the device; an update
-- of the browser changes the user agent and keeps both. A thief may be a customer of the same network: then another device
-- at another address with another user agent counts (an app and its browser have one address). Four hours after the session
-- began are enough: thieves use what they stole before it expires, and what is kept grows with the time.
CREATE RULE session_moved
  TITLE 'The session of {account_id} goes on at {ip} on another device'
  DESCRIPTION 'End the session and all tokens made in it. Look at downloads, grants, keys and mailbox rules since decided_at, and at how the cookie was lost.'
  SEVERITY high CONFIDENCE 0.9 ATTACK 'T1539', 'T1550.004'
  TAGS 'session', 'takeover'
AS
SELECT s.platform AS platform, s.account_id AS account_id, s.session_id AS session_id, s.actor.ip AS first_ip,
  e.actor.ip AS ip, e.event_type AS action
FROM events AS s
JOIN events AS e WITHIN (AFTER 4 HOURS)
  ON e.session_id = s.session_id AND e.device.id <> s.device.id
  AND (e.net.asn <> s.net.asn OR e.actor.ip <> s.actor.ip AND e.actor.user_agent <> s.actor.user_agent)
WHERE s.event_type = 'session_new'
ENTITY account account_id
RESPOND end_sessions ON account_id
SUPPRESS BY platform, session_id FOR 12 HOURS;
