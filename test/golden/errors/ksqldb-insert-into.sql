INSERT INTO alerts SELECT account_id FROM events;
