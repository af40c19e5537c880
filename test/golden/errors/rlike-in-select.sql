CREATE RULE r AS SELECT account_id RLIKE 'y' FROM events;
