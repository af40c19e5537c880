CREATE RULE r AS
SELECT account_id, geo.country
FROM events
WHERE event_type = 'login'
QUALIFY first_seen(geo.country) OVER (PER account_id LAST 90 DAYS);
