-- Logins that a guessed password can open: a key, a passkey or a single sign-on is not what was guessed, and an
-- administrator's key login during an attack on root must not look like a takeover. A platform that does not say how one
-- logged in counts as password.
CREATE VIEW password_logins AS
SELECT platform, account_id, result, actor.ip AS ip, subnet(actor.ip, 16) AS network
FROM events
WHERE event_type = 'login'
  AND result IN ('fail', 'success')
  AND (method IN ('password', 'keyboard-interactive') OR method IS NULL);
