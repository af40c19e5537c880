CREATE RULE guessing AS SELECT account_id FROM events WHERE result = 'fail';
CREATE EXCEPTION pentest FOR guessing WHERE actor.ip IN '198.51.100.0/24' BECAUSE 'red team';
