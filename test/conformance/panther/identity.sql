-- Auth0, Duo and OneLogin, through their codecs.

CREATE RULE auth0_pushnotification_fatigue SEVERITY high AS
SELECT account_id, count(*) AS pushes FROM events
WHERE event_type = 'auth0.gd_send_pn'
GROUP BY account_id WINDOW SLIDING 30 MINUTES HAVING pushes >= 5;

CREATE RULE auth0_samephone_multipleusers_mfa SEVERITY high AS
SELECT details.data.details.authenticator.phone_number::string AS phone,
  count(DISTINCT account_id) AS accounts
FROM events
WHERE platform = 'auth0' AND event_type = 'mfa_changed' AND details.data.description::string LIKE '%(sms)'
  AND details.data.details.authenticator.phone_number::string <> ''
GROUP BY phone WINDOW SLIDING 60 MINUTES HAVING accounts >= 2;

CREATE RULE auth0_refreshtoken_reuse SEVERITY high AS
SELECT account_id, actor.ip AS ip FROM events WHERE event_type = 'auth0.ferrt';

CREATE RULE duo_user_bypasscode_used SEVERITY low AS
SELECT account_id, actor.ip AS ip FROM events
WHERE platform = 'duo' AND event_type = 'mfa_challenge' AND result = 'success' AND details.reason = 'bypass_user';

CREATE RULE duo_admin_lockout SEVERITY medium AS
SELECT account_id FROM events WHERE event_type = 'duo.admin_lockout';

-- A private address is an office's or a gateway's, and many log in from it.
CREATE RULE onelogin_activeloginactivity SEVERITY medium AS
SELECT actor.ip AS ip, count(DISTINCT account_id) AS accounts FROM events
WHERE platform = 'onelogin' AND event_type = 'login' AND result = 'success' AND NOT is_private(actor.ip)
GROUP BY actor.ip WINDOW SLIDING 12 HOURS HAVING accounts >= 3;

CREATE RULE onelogin_highriskfailedlogin SEVERITY low AS
SELECT account_id, details.risk_score::int AS risk_score FROM events
WHERE platform = 'onelogin' AND event_type = 'login' AND result = 'fail' AND details.risk_score > 50;

CREATE RULE onelogin_passwordchanged SEVERITY info AS
SELECT account_id, actor.id AS changed_by FROM events
WHERE platform = 'onelogin' AND event_type = 'account_changed' AND change.field = 'password';

CREATE RULE onelogin_unauthorizedaccess SEVERITY medium AS
SELECT account_id, count(*) AS denials FROM events
WHERE event_type = 'onelogin.90'
GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING denials >= 10;

CREATE RULE onelogin_useraccountlocked SEVERITY low AS
SELECT account_id, actor.id AS locked_by FROM events
WHERE event_type IN ('onelogin.531', 'onelogin.551', 'onelogin.553');
