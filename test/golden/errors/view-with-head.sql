CREATE VIEW fails SEVERITY low AS SELECT account_id FROM events WHERE result = 'fail';
