-- Names around a SELECT that look like a column, like a field that is not selected, and like nothing.
CREATE RULE near_column AS SELECT account_id FROM events WHERE event_type = 'login' SUPPRESS BY acount FOR 1 HOUR;
CREATE RULE other_word AS SELECT account_id FROM events WHERE event_type = 'login' RISK 5 ON account acct HALF LIFE 1 DAY;
CREATE RULE near_field AS SELECT account_id FROM events WHERE event_type = 'login' SUPPRESS BY sesion_id FOR 1 HOUR;
CREATE RULE own_name AS SELECT account_id FROM events WHERE event_type = 'login' SUPPRESS BY session_id FOR 1 HOUR;
CREATE RULE nothing AS SELECT account_id FROM events WHERE event_type = 'login' SUPPRESS BY qqqqq FOR 1 HOUR;
