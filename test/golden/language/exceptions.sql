-- What a rule shall not see (a condition more in its WHERE) and what it shall not show; both are part of its hash.
CREATE LOOKUP scanners (net cidr PRIMARY KEY) WITH (source = 'scanners.csv');
CREATE VIEW logins AS SELECT account_id, actor.ip AS ip, result FROM events WHERE event_type = 'login';
CREATE RULE guessing AS
SELECT account_id, count(*) AS failures FROM logins WHERE result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= 10;
CREATE RULE probing AS SELECT ignore AS mute FROM logins_of WHERE valid = 'because' OR owner = exception;
CREATE VIEW logins_of AS
SELECT platform AS ignore, platform AS valid, platform AS owner, platform AS exception FROM events;

CREATE EXCEPTION pentest FOR guessing IGNORE WHERE account_id LIKE 'red_%' BECAUSE 'red team' OWNER 'ivo';
CREATE EXCEPTION scans FOR logins IGNORE WHERE actor.ip IN LOOKUP scanners OR details.scan = TRUE
VALID FROM '2026-12-01' TO '2026-12-08T12:00:00+01:00' BECAUSE 'scanners of our own';
CREATE EXCEPTION known FOR guessing MUTE WHERE failures < 20 AND account_id IN ('svc_1', 'svc_2')
VALID TO '2027-01-01' BECAUSE 'a broken job, ticket 7';
