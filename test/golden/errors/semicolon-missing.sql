CREATE VIEW fails AS SELECT account_id FROM events WHERE result = 'fail'

CREATE RULE r AS SELECT account_id FROM fails;
