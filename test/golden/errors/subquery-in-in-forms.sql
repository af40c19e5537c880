CREATE RULE with_alias SEVERITY low AS
SELECT e.account_id FROM events AS e
WHERE e.event_type = 'login' AND e.actor.ip NOT IN (SELECT s.actor.ip FROM events AS s WHERE s.event_type = 'report');

CREATE RULE of_text SEVERITY low AS
SELECT account_id FROM events WHERE lower(account_id) IN (SELECT DISTINCT account_id FROM events);
