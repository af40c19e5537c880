-- Google Workspace, through its codec.

CREATE RULE gsuite_leakedpassword SEVERITY high AS
SELECT account_id FROM events WHERE event_type = 'google.account_disabled_password_leak';

CREATE RULE gsuite_logintype SEVERITY medium AS
SELECT account_id, details.parameters.login_type::string AS login_type FROM events
WHERE platform = 'google' AND event_type = 'login' AND result = 'success'
  AND details.parameters.login_type NOT IN ('exchange', 'google_password', 'reauth', 'saml', 'unknown');

CREATE RULE gsuite_suspiciouslogins SEVERITY medium AS
SELECT account_id FROM events
WHERE event_type IN ('google.suspicious_login', 'google.suspicious_login_less_secure_app',
  'google.suspicious_programmatic_login');

CREATE RULE gsuite_twostepverification SEVERITY low AS
SELECT account_id FROM events
WHERE platform = 'google' AND event_type = 'mfa_disabled' AND details.name = '2sv_disable';

CREATE RULE gsuite_devicesuspiciousactivity SEVERITY low AS
SELECT account_id FROM events WHERE event_type = 'google.SUSPICIOUS_ACTIVITY_EVENT';
