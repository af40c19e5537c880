CREATE VIEW fails AS SELECT account_id FROM events WHERE result = 'fail'
SUPPRESS BY account_id FOR 1 HOUR;
