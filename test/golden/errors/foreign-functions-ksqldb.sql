CREATE RULE r AS SELECT account_id, latest_by_offset(platform) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE s AS SELECT account_id, collect_set(platform) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE t AS SELECT account_id, topk(platform, 3) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE u AS SELECT account_id FROM events WHERE ucase(platform) = 'X' AND instr(session_id, 'a') > 0;
CREATE RULE v AS SELECT account_id FROM events WHERE extractjsonfield(details, '$.app') = 'mail' AND ifnull(session_id, '') = '';
