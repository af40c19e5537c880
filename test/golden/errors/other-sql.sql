-- What SQL Server, MySQL and other systems write, one statement each.
CREATE RULE first_ten AS SELECT TOP 10 account_id FROM events WHERE event_type = 'login';
CREATE RULE first_five AS SELECT TOP (5) account_id FROM events WHERE event_type = 'login';
CREATE ALERT logins AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE DETECTION logins AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE MATERIALIZED VIEW logins AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE RULE pairs AS SELECT a.account_id FROM events AS a JOIN events AS b WITHIN 10 MINUTES USING (account_id, session_id);
CREATE RULE head_behind AS SEVERITY high SELECT account_id FROM events WHERE event_type = 'login';
CREATE RULE backwards AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING -5 MINUTES HAVING n >= 3;
-- This top is an aggregate of the language.
CREATE RULE right_so AS SELECT account_id, top(actor.ip, 10) AS top FROM events
GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING count(*) >= 3;
