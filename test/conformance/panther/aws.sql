-- AWS CloudTrail, through its codec.

CREATE RULE aws_cloudtrail_passwordspraying SEVERITY medium AS
SELECT details.recipientAccountId::string AS aws_account, count(DISTINCT account_id) AS accounts FROM events
WHERE platform = 'aws' AND event_type = 'login' AND result = 'fail'
GROUP BY details.recipientAccountId::string, details.awsRegion::string
WINDOW SLIDING 60 MINUTES HAVING accounts >= 10;

CREATE RULE aws_unsuccessful_mfa_attempt SEVERITY high AS
SELECT account_id, count(*) AS failures FROM events
WHERE platform = 'aws' AND event_type = 'login' AND result = 'fail' AND details.additionalEventData.MFAUsed = 'Yes'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= 2;

CREATE RULE aws_console_loginwithoutsaml SEVERITY high AS
SELECT account_id, actor.ip AS ip FROM events
WHERE platform = 'aws' AND event_type = 'login' AND result = 'success'
  AND details.additionalEventData.SamlProviderArn::string IS NULL;

CREATE RULE aws_console_rootloginfailed SEVERITY high AS
SELECT details.recipientAccountId::string AS aws_account, count(*) AS failures FROM events
WHERE platform = 'aws' AND event_type = 'login' AND result = 'fail' AND details.userIdentity.type = 'Root'
GROUP BY details.recipientAccountId::string WINDOW SLIDING 15 MINUTES HAVING failures >= 5;

CREATE RULE aws_cloudtrail_rootpasswordchanged SEVERITY high AS
SELECT account_id, actor.ip AS ip FROM events
WHERE platform = 'aws' AND event_type = 'account_changed' AND change.field = 'password'
  AND details.userIdentity.type = 'Root';
