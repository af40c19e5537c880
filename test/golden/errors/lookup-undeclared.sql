CREATE RULE watched AS SELECT account_id FROM events WHERE account_id IN LOOKUP watch_list;
