CREATE RULE r AS SELECT account_id, dcount(platform) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE s AS SELECT account_id, countif(result = 'fail') AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE t AS SELECT account_id, make_set(platform) AS p FROM events GROUP BY account_id, bin(timestamp, 5 MINUTES) WINDOW TUMBLING 5 MINUTES;
CREATE RULE u AS SELECT account_id FROM events WHERE timestamp > ago(15 MINUTES) OR tolower(platform) = 'x' OR iff(result = 'fail', TRUE, FALSE);
