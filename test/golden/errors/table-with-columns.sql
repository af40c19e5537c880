CREATE TABLE watch_list (account_id string, reason string);
