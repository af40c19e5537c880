CREATE RULE failures SEVERITY low AS
SELECT account_id, count(*) FILTER (WHERE event_type = 'logins') AS logins
FROM events WHERE result = 'failed'
GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING count(*) >= 3;
