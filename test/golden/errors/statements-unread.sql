-- Four statements that cannot be read; what reads them is not blamed, and what else is wrong is said as well.
CREATE VIEW logins AS SELECT account_id, FROM events WHERE event_type = 'login';
CREATE TABLE per_hour AS SELEC account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;
CREATE FUNCTION short(x string) RETURNS string AS substr(x, 1, 3;
CREATE RULE guessing SEVERITY mediun AS SELECT account_id FROM logins EMIT AT;

CREATE RULE seen SEVERITY low AS
SELECT l.account_id, short(l.account_id) AS beginning FROM logins AS l JOIN per_hour AS h ON h.account_id = l.account_id;

CREATE RULE misspelled SEVERITY low AS SELECT acount_id FROM events;

CREATE RULE contradicting SEVERITY low AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES
HAVING n < 3
EMIT EARLY;

CREATE EXCEPTION scanner FOR guessing, misspelled, nothing IGNORE WHERE account_id = 'a' BECAUSE 'a scanner';
TUNE guessing WHERE tenant_id = 'shop' SET least = 3 BECAUSE 'call centre';
