CREATE RULE r AS SELECT account_id FROM events PARTITION BY account_id;
