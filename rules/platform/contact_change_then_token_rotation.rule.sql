-- The thief makes the account the own one: the address or number that resets go to is changed, and a token rotated at once,
-- so that the owner is out. People who change their address have no reason to rotate a token in the same minute; platforms
-- do rotate what they issued by themselves after a change, but that has no address that somebody came from.
CREATE RULE contact_change_then_token_rotation
  TITLE '{changed} of {account_id} was changed and a token rotated {seconds} s later'
  DESCRIPTION 'Undo the change, end all sessions and ask the owner by the old contact. Look at what the session did before.'
  SEVERITY high CONFIDENCE 0.9 ATTACK 'T1098', 'T1531'
  TAGS 'takeover', 'contact'
AS
SELECT c.platform AS platform, c.account_id AS account_id, c.change.field AS changed, s.actor.ip AS ip,
  (EXTRACT(EPOCH FROM s.timestamp) - EXTRACT(EPOCH FROM c.timestamp)) AS seconds
FROM events AS c
JOIN events AS s WITHIN (AFTER 60 SECONDS) ON s.account_id = c.account_id AND s.platform = c.platform
WHERE c.event_type = 'account_changed' AND c.change.field IN ('email', 'phone')
  AND s.event_type = 'token_rotated' AND s.actor.ip IS NOT NULL
ENTITY account account_id
RESPOND end_sessions, hold_changes ON account_id
SUPPRESS BY platform, account_id FOR 1 HOUR;
