CREATE TABLE logins AS SELECT account_id FROM events WHERE event_type = 'login';
