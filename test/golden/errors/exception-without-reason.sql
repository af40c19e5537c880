CREATE RULE guessing AS SELECT account_id FROM events WHERE result = 'fail';
CREATE EXCEPTION pentest FOR guessing IGNORE WHERE actor.ip IN '198.51.100.0/24' VALID FROM '2026-12-01' TO '2026-12-08';
