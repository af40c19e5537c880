-- Without GROUP BY there is one group per tenant.
CREATE RULE wave SEVERITY low AS
SELECT count(*) AS resets, count(DISTINCT account_id) AS accounts, window_start, window_end
FROM events WHERE event_type = 'password_reset'
WINDOW TUMBLING 10 MINUTES
HAVING resets >= 100 AND window_end - window_start = 10 MINUTES
SUPPRESS BY () FOR 1 HOUR;
