CREATE RULE r SEVERITY low AS
CREATE STREAM failed AS SELECT account_id FROM events WHERE result = 'fail' EMIT CHANGES;
