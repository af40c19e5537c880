CREATE RULE r AS SELECT a.account_id FROM events AS a, events AS b WHERE a.account_id = b.account_id;
