CREATE RULE from_proxy SEVERITY low AS SELECT account_id FROM events WHERE actor.ip IN LOOKUP proxies;
