CREATE RULE r AS SELECT a.account_id FROM events AS a JOIN events AS b WITHIN (1 HOUR, 2 HOURS) ON a.account_id = b.account_id;
