CREATE RULE guessing AS SELECT account_id FROM events WHERE result = 'fail';
CREATE EXCEPTION pentest FOR guesing IGNORE WHERE actor.ip IN '198.51.100.0/24' BECAUSE 'red team';
CREATE EXCEPTION over FOR guessing IGNORE WHERE platform = 'x' VALID TO '2026-12-24' BECAUSE 'the migration';
CREATE EXCEPTION not_yet_over FOR guessing IGNORE WHERE platform = 'x' VALID TO '2027-01-01T00:00:00.001Z' BECAUSE 'new';
