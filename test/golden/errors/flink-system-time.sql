CREATE RULE r AS SELECT e.account_id FROM events AS e JOIN owners FOR SYSTEM_TIME AS OF e.timestamp AS o ON o.account_id = e.account_id;
