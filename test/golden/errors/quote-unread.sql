-- The view is swallowed by the quote: the rule behind it reads no unknown view.
CREATE VIEW late AS SELECT account_id FROM events WHERE event_type = "login AND account_id = 'x';
CREATE RULE reader SEVERITY low AS SELECT account_id FROM late;
