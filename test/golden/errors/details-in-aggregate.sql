CREATE RULE mean SEVERITY low AS
SELECT account_id, avg(details.n) AS mean FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES HAVING mean > 3;

CREATE RULE greatest SEVERITY low AS
SELECT account_id, max(details.n) AS greatest FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
