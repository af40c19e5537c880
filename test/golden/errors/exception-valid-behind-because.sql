CREATE RULE r AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE EXCEPTION e FOR r IGNORE WHERE account_id = 'y' BECAUSE 'q' VALID TO '2027-11-01';
