-- The first word of a statement, or the second one, is misspelled; what would have been declared is not missed below.
CREAT RULE spray AS SELECT account_id FROM events WHERE result = 'fail';
TUNNE spray USING min_failures = 3 WHERE account_id = 'a';
RULE guessing AS SELECT account_id FROM events;
CREATE TABEL counts AS SELECT account_id FROM events;
crate view logins AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE FUNCTON twice(n int) RETURNS int AS n + n;
ALTER RULE spray;
CREATE RULE late_logins AS SELECT account_id FROM logins;
CREATE EXCEPTION tested FOR spray IGNORE WHERE account_id = 'a' VALID TO '2027-06-30' BECAUSE 'a load test';
