CREATE RULE r SEVERITY low AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id, TUMBLE(ts, INTERVAL '15' MINUTE);
