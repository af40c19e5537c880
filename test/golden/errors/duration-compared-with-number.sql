CREATE RULE quick AS SELECT a.account_id FROM events AS a JOIN events AS b WITHIN (AFTER 10 MINUTES) ON a.account_id = b.account_id WHERE b.timestamp - a.timestamp < 60;
