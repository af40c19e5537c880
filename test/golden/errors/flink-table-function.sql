CREATE RULE r SEVERITY low AS
SELECT account_id, count(*) AS n FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '15' MINUTE))
GROUP BY account_id, window_start, window_end;
