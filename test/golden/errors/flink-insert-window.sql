INSERT INTO alerts SELECT account_id, COUNT(*) FROM events GROUP BY account_id, TUMBLE(ts, INTERVAL '5' MINUTE);
