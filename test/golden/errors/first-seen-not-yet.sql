CREATE RULE fresh AS SELECT account_id FROM events WHERE first_seen(geo.country);
