CREATE RULE upper_case AS SELECT account_id FROM events WHERE lower(platform) = 'GitHub';
CREATE RULE upper_pattern AS SELECT account_id FROM events WHERE lower(platform) LIKE 'Git%';
CREATE RULE hour AS SELECT account_id FROM events WHERE extract(HOUR FROM timestamp) >= 24;

-- Nearly.
CREATE RULE lower_case AS SELECT account_id FROM events WHERE lower(platform) = 'github';
CREATE RULE last_hour AS SELECT account_id FROM events WHERE extract(HOUR FROM timestamp) >= 23;
