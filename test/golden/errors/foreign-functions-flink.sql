CREATE RULE r AS SELECT account_id, listagg(platform) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE s AS SELECT account_id FROM events WHERE timestampdiff(timestamp, timestamp) > 10 AND regexp_like(session_id, 'a');
CREATE RULE t AS SELECT account_id FROM events WHERE timestamp > proctime();
CREATE RULE u AS SELECT account_id, row_number() AS n FROM events;
CREATE RULE v AS SELECT account_id, hop_end(timestamp) AS n FROM events;
