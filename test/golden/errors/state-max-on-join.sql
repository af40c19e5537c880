CREATE RULE r AS SELECT a.account_id FROM events AS a
JOIN events AS b WITHIN 5 MINUTES ON a.account_id = b.account_id STATE MAX 1000 KEYS;
