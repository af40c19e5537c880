CREATE RULE r AS SELECT account_id FROM `events`;
